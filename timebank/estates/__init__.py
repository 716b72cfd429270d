"""After a death (余额承接): the account rests, and a second person gives what it has to others."""

"""时间负债: what the community owes its members, by their age, against what is given and used."""

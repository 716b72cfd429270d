"""更正申请: a member says what is recorded wrongly of them, and is answered in time."""

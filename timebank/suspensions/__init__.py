"""暂停参与: a member takes no part for a while, on one person's word and another's decision."""

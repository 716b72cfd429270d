"""应收短缺: taking a record back whose minutes are spent, and getting the shortfall back."""

"""Opening balances (期初余额): what an older scheme's passbooks and lists say, entered by proof."""

"""单位与团队: group volunteers whose time may only be donated, and who belongs to them."""

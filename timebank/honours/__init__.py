"""Stars (星级): what somebody gave, by the policy's ladder; worked out, stored nowhere."""

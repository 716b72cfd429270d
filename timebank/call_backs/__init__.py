"""Call-backs: elders drawn by lot are asked whether the visit that was credited took place."""

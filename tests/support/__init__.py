"""What tests share: real servers, browsers and programs, and how often a costly test repeats."""

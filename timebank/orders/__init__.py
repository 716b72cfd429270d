"""Service orders (服务订单): a wish for care, and its life until the hours are posted."""

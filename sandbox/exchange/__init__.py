"""A local exchange that speaks Bybit's v5 protocol: public market data, a unified account, orders and their fills."""

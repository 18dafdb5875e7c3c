"""Local price sources: metals by the ounce, coins and candles, each in the shape of a public service."""

"""A local Google Sheets: the v4 values API, its OAuth tokens and quotas, and people who edit meanwhile."""

"""The `/aid-admin` command and its forms."""

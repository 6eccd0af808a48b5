"""Projects, roles and Council members as admins edit them."""

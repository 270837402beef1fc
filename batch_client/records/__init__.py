"""Files of records, and the items that are made of them; nothing here speaks HTTP."""

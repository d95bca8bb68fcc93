"""The two systems as the workbench reaches them: logins, reads and writes, errors in plain words."""

"""The survey as a web application: Streamlit's pages, our own routes, and the server's settings."""

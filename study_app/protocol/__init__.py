"""The study protocol on paper: for the ethics board, the preregistration and the archive.

The document is written in Markdown (`study_app.protocol.document`); the page is that text with
small pictures in it (`study_app.protocol.page`).
"""

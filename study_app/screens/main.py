"""The script that Streamlit runs for each page view; it decides nothing."""

from study_app.screens import participant

participant.show()

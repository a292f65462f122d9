"""The script that Streamlit runs, alone in its folder: Streamlit puts that on ``sys.path``."""

from study_app.preview.pages import show

show()

"""JupyterLab as `run.py lab` and Binder start it (found through JUPYTER_CONFIG_PATH)."""

c = get_config()  # type: ignore[name-defined]  # noqa: F821

START_PAGE = "/lab/tree/notebooks/00_start_here.ipynb"
c.LabApp.default_url = START_PAGE
c.JupyterNotebookApp.default_url = START_PAGE  # what repo2docker's own command starts

# The buttons of exercises put cells into the notebook.
c.LabApp.expose_app_in_browser = True

# A stored widget view would show "model not found" in place of the question when reopened.
c.ContentsManager.pre_save_hook = "workbook.authoring.strip_widget_views"

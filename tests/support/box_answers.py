"""A page as models that give boxes write it, in both grammars."""

LAYOUT = """![header](95,40,905,52) Harbour Notes
![title](113,108,463,123) ## Tides and the Timing of Ferries
![text](112,140,482,298) A ferry that crosses a tidal channel meets a current that
![text+](512,140,882,198) turns four times a day.

It is weakest at slack water.
![image](120,320,480,560)
![chart](520,320,880,560) Current over a day
![table](112,600,882,700) <table><tr><td>1</td></tr></table>
![page_number](491,935,505,950) 3"""
FIGURES = "# Map\n\n![image](image_1.png)120,80,880,410\n\nThe old town, !important.\n"

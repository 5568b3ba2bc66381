"""papermill for TypeScript notebooks: parameters become `let` statements, and those of the notebook are checked.

papermill imports this package by its entry point, `gradbook_papermill.engine`; that registers the translator.
"""

from papermill.translators import papermill_translators

from .translator import TypeScriptTranslator

# papermill looks for a kernel's name before its language. tslab's kernels are "tslab" and, for JavaScript, "jslab".
for name in ("typescript", "javascript", "tslab", "jslab", "gradbook"):
    papermill_translators.register(name, TypeScriptTranslator)

"""Collects the bundled models, the page, and the modules that are imported by name.

The frameworks of `Dataset.torch()`, `.tf()` and `.hf()` are left to applications that import them.
"""

from PyInstaller.utils.hooks import collect_data_files, collect_submodules

datas = collect_data_files("scorp_runtime") + collect_data_files("scorp_runtime.exported")
hiddenimports = collect_submodules("scorp_runtime", lambda name: ".frameworks" not in name)
excludedimports = ["datasets", "tensorflow", "torch"]

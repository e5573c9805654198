from .late_certificates import import_aiohttp

import_aiohttp()  # before any module here does

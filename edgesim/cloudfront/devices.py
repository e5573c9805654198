"""What kind of device a User-Agent says it is, as CloudFront sorts them.

CloudFront: "Add CloudFront request headers", device type headers. How exactly AWS tells them apart
is not published; a device may be of more than one kind, and what is of none is a desktop.
"""

from __future__ import annotations

import re
from functools import lru_cache

_ANDROID = re.compile(r"\bAndroid\b")
_IOS = re.compile(r"\b(iPhone|iPad|iPod)\b")
_MOBILE = re.compile(
    r"\bMobi|\b(iPhone|iPod|Windows Phone|IEMobile|BlackBerry|BB10|Opera Mini|webOS/1)\b",
)
_TABLET = re.compile(r"\b(iPad|PlayBook|Kindle|Tablet(?! PC)|KF[A-Z]{2,4}WI)\b")
_TV = re.compile(
    r"\b(Smart-?TV|GoogleTV|Google TV|Apple ?TV|AppleTV\d*|HbbTV|Web0S|NetCast|BRAVIA|Roku|CrKey|"
    r"AFT[A-Z]\w*|Android TV|Viera|DTV|TV Safari|TV Browser|InettvBrowser|PhilipsTV)",
    re.IGNORECASE,
)


@lru_cache(maxsize=4096)
def device_kinds(user_agent: str) -> frozenset[str]:
    """Those of android, desktop, ios, mobile, smarttv and tablet that `user_agent` is."""
    kinds = set()
    if _TV.search(user_agent):
        kinds.add("smarttv")
    elif _TABLET.search(user_agent):
        kinds.add("tablet")
        if _MOBILE.search(user_agent):
            kinds.add("mobile")
    elif _MOBILE.search(user_agent):
        kinds.add("mobile")
    elif _ANDROID.search(user_agent):
        kinds.add("tablet")  # Android says Mobile on telephones, and nothing on tablets
    if not kinds:
        kinds.add("desktop")
    if _ANDROID.search(user_agent) and "Windows Phone" not in user_agent:
        kinds.add("android")
    if _IOS.search(user_agent) and "Windows Phone" not in user_agent:
        kinds.add("ios")
    return frozenset(kinds)

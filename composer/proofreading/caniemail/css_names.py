"""CSS names that Can I email lists under another feature name than ``css-<property>``."""

from __future__ import annotations

#: Property → the feature it belongs to.
PROPERTIES: dict[str, str] = {
    "-webkit-user-select": "css-user-select",
    "block-size": "css-block-inline-size",
    "inline-size": "css-inline-size",
    "margin-inline": "css-margin-inline-block",
    "margin-block": "css-margin-inline-block",
    "padding-inline": "css-padding-inline-block",
    "padding-block": "css-padding-inline-block",
    "border-inline": "css-border-inline-block",
    "border-block": "css-border-inline-block",
    "columns": "css-column-layout-properties",
    "left": "css-left-right-top-bottom",
    "right": "css-left-right-top-bottom",
    "top": "css-left-right-top-bottom",
    "bottom": "css-left-right-top-bottom",
    "mask": "css-mask-image",
    "row-gap": "css-gap",
    "column-gap": "css-gap",
    **{f"margin-{side}": "css-margin" for side in ("top", "right", "bottom", "left")},
    **{f"padding-{side}": "css-padding" for side in ("top", "right", "bottom", "left")},
    **{f"margin-block-{edge}": "css-margin-block-start-end" for edge in ("start", "end")},
    **{f"margin-inline-{edge}": "css-margin-inline-start-end" for edge in ("start", "end")},
    **{f"padding-block-{edge}": "css-padding-block-start-end" for edge in ("start", "end")},
    **{f"padding-inline-{edge}": "css-padding-inline-start-end" for edge in ("start", "end")},
    **{f"border-{first}-{second}-radius": "css-border-radius-logical"
       for first in ("start", "end") for second in ("start", "end")},
    **{f"border-{first}-{second}-radius": "css-border-radius"
       for first in ("top", "bottom") for second in ("left", "right")},
    **{f"border-{axis}-{part}": "css-border-inline-block-individual"
       for axis in ("inline", "block") for part in ("color", "style", "width", "start", "end")},
    **{f"border-{axis}-{edge}-{part}": "css-border-inline-block-longhand"
       for axis in ("inline", "block") for edge in ("start", "end") for part in ("color", "style", "width")},
    **{f"border-{side}{part}": "css-border"
       for side in ("top", "right", "bottom", "left") for part in ("", "-color", "-style", "-width")},
    **{f"border-{part}": "css-border" for part in ("color", "style", "width")},
}  # fmt: skip

#: Prefix of a property → another feature that it uses.
FAMILIES: dict[str, str] = {
    "animation": "css-animation",
    "border-image": "css-border-image",
    "column-": "css-column-layout-properties",
    "grid-template": "css-grid-template",
    "inset": "css-inset",
    "mask-": "css-mask-image",
    "outline-": "css-outline",
    "overflow-x": "css-overflow",
    "overflow-y": "css-overflow",
    "scroll-snap": "css-scroll-snap",
    "text-emphasis": "css-text-emphasis",
    "transition": "css-transition",
}

#: Function in a value → feature.
FUNCTIONS: dict[str, str] = {
    "calc(": "css-unit-calc",
    "clamp(": "css-function-clamp",
    "conic-gradient(": "css-conic-gradient",
    "lab(": "css-modern-color",
    "lch(": "css-modern-color",
    "light-dark(": "css-function-light-dark",
    "linear-gradient(": "css-linear-gradient",
    "max(": "css-function-max",
    "min(": "css-function-min",
    "oklab(": "css-modern-color",
    "oklch(": "css-modern-color",
    "radial-gradient(": "css-radial-gradient",
    "rgb(": "css-rgb",
    "rgba(": "css-rgba",
    "var(": "css-variables",
}

#: Keyword in a value, whatever the property → feature.
WORDS: dict[str, str] = {
    "fit-content": "css-intrinsic-size",
    "important": "css-important",
    "initial": "css-unit-initial",
    "max-content": "css-intrinsic-size",
    "min-content": "css-intrinsic-size",
    "system-ui": "css-sytem-ui",
    "ui-monospace": "css-sytem-ui",
    "ui-rounded": "css-sytem-ui",
    "ui-sans-serif": "css-sytem-ui",
    "ui-serif": "css-sytem-ui",
}

AT_RULES: dict[str, str] = {
    "@font-face": "css-at-font-face",
    "@import": "css-at-import",
    "@keyframes": "css-at-keyframes",
    "@-webkit-keyframes": "css-at-keyframes",
    "@media": "css-at-media",
    "@supports": "css-at-supports",
}

#: Suffix of a word in the condition of an ``@media`` → feature.
MEDIA: dict[str, str] = {
    "device-pixel-ratio": "css-at-media-device-pixel-ratio",
    "hover": "css-at-media-hover",
    "orientation": "css-at-media-orientation",
    "prefers-color-scheme": "css-at-media-prefers-color-scheme",
    "prefers-reduced-motion": "css-at-media-prefers-reduced-motion",
}

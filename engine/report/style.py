"""The style sheet of a run's HTML report, for light and dark mode, screen and print."""

from __future__ import annotations

from engine.diagram.palette import DARK, LIGHT, Palette

COLOR_COUNT = len(LIGHT.curves)

_RULES = """
*{box-sizing:border-box}
html{color-scheme:light dark;-webkit-text-size-adjust:100%}
body{margin:0;background:var(--canvas);color:var(--text);
 font:15px/1.5 Inter,system-ui,'Segoe UI','Helvetica Neue','DejaVu Sans',sans-serif;
 font-variant-numeric:tabular-nums}
main{max-width:1180px;margin:0 auto;padding:40px 28px 72px}
h1{font-size:30px;line-height:1.2;letter-spacing:-.02em;margin:0;overflow-wrap:anywhere}
h2{font-size:19px;letter-spacing:-.01em;margin:48px 0 14px}
h3{font-size:15px;margin:0 0 2px}
h4{font-size:13px;margin:0 0 2px;font-weight:600}
p{margin:0 0 10px;max-width:76ch}
a{color:var(--accent)}
.head{display:flex;flex-wrap:wrap;gap:10px 14px;align-items:center}
.chip{border-radius:99px;padding:2px 12px;font-size:13px;font-weight:600;
 border:1px solid currentColor}
.finished{color:var(--success)}.failed,.crashed{color:var(--danger)}
.stopped,.paused,.running,.waiting{color:var(--warning)}
.facts{display:flex;flex-wrap:wrap;gap:14px 34px;margin:20px 0 0;padding:0}
.facts div{min-width:70px}
.facts dt{color:var(--dim);font-size:12.5px}
.facts dd{margin:0;font-size:17px;font-weight:600;letter-spacing:-.01em}
.grid{display:grid;gap:16px;grid-template-columns:repeat(auto-fill,minmax(330px,1fr));
 grid-auto-flow:dense}
.card{background:var(--surface);border:1px solid var(--border);border-radius:10px;
 padding:14px 16px 12px;min-width:0}
.wide{grid-column:span 2}.grid>.whole{grid-column:1/-1}
.legend{display:flex;flex-wrap:wrap;gap:0 14px;color:var(--dim);font-size:12.5px;margin:0 0 6px;
 padding:0;list-style:none}
.legend svg{width:18px;height:8px;margin-right:5px;vertical-align:middle;display:inline}
.legend b{color:var(--text);font-weight:600}
svg.chart{display:block;width:100%;height:auto;overflow:visible}
.chart text{fill:var(--dim);font-size:11px;font-family:inherit}
.chart .grid-line{stroke:var(--border);stroke-width:1}
.chart .axis{stroke:var(--dim);stroke-width:1;stroke-opacity:.55}
.line{fill:none;stroke-width:2;stroke-linejoin:round;stroke-linecap:round}
.quiet{stroke-width:1.5;stroke-dasharray:4 4;stroke-opacity:.75}
.spread{stroke:none;fill-opacity:.16}
.band{stroke:var(--surface);stroke-width:1}
.bar{stroke:none}
.dot{fill-opacity:.42;stroke:none}
.mark{stroke:var(--dim);stroke-width:1;stroke-dasharray:2 3}
.best{fill:var(--surface);stroke-width:2.5}
.ideal{stroke:var(--dim);stroke-width:1;stroke-dasharray:5 4;fill:none}
.scroll{overflow-x:auto}
table{border-collapse:collapse;width:100%;font-size:13.5px}
caption{text-align:left;color:var(--dim);font-size:12.5px;padding:0 0 6px}
th,td{text-align:left;padding:5px 16px 5px 0;border-bottom:1px solid var(--border);
 vertical-align:top}
thead th{color:var(--dim);font-weight:500;font-size:12.5px;white-space:nowrap}
tbody th{font-weight:500}
tr:last-child>*{border-bottom:0}
.n{text-align:right;white-space:nowrap}
td.words{overflow-wrap:anywhere}
.matrix{width:auto;margin-top:4px;border-spacing:2px;border-collapse:separate}
.matrix td,.matrix th{border:0;padding:4px 8px}
.matrix td{text-align:right;border-radius:4px;min-width:38px}
.matrix tbody th{text-align:right;color:var(--dim);font-weight:400;padding-left:0}
.matrix thead th{text-align:right;font-weight:400}
.matrix .deep{color:var(--surface)}
.code{font-family:'JetBrains Mono',ui-monospace,Consolas,'DejaVu Sans Mono',monospace;
 font-size:12.5px}
.diagnostic{border-left:3px solid var(--dim);padding:2px 0 2px 12px;margin:0 0 12px}
.diagnostic.warning{border-color:var(--warning)}.diagnostic.error{border-color:var(--danger)}
.diagnostic p{margin:0}
.diagnostic .fix{color:var(--dim)}
.picture{padding:0;overflow:auto}
.picture img{display:block;width:100%;height:auto;border-radius:9px}
.note{color:var(--dim);font-size:13.5px;margin:0 0 4px}
.scroll+.note{margin-top:12px}
details{margin-top:14px}summary{cursor:pointer;color:var(--accent);font-size:13.5px}
summary:focus-visible,a:focus-visible{outline:2px solid var(--accent);outline-offset:3px}
footer{margin-top:56px;color:var(--dim);font-size:12.5px}
@media(max-width:780px){main{padding:24px 16px}.grid{grid-template-columns:1fr}
 .wide{grid-column:auto}}
@media print{.card{break-inside:avoid}details{display:none}main{max-width:none;padding:0}}
"""


def style_sheet() -> str:
    """Return the complete style sheet as CSS text."""
    tones = "".join(
        f".l{index}{{stroke:var(--c{index})}}.f{index}{{fill:var(--c{index})}}"
        for index in range(COLOR_COUNT)
    )
    return (
        f":root{{{_colors(LIGHT)}}}"
        f"@media screen and (prefers-color-scheme:dark)"
        f"{{:root{{{_colors(DARK)}}}}}"
        f"{_RULES}{tones}"
    )


def _colors(palette: Palette) -> str:
    names = (
        "canvas", "surface", "border", "text", "dim", "accent", "danger", "warning", "success",
    )  # fmt: skip
    named = {name: getattr(palette, name) for name in names}
    named |= {f"c{index}": color for index, color in enumerate(palette.curves)}
    return "".join(f"--{name}:{color};" for name, color in named.items())

"""Words written from right to left stand so, and only they."""

from __future__ import annotations

from lxml import html

from composer.rendering.inlining import inline_styles

PAGE = "<!doctype html><html><head></head><body>{}</body></html>"


def turned(body: str) -> list[str]:
    page = html.document_fromstring(inline_styles(PAGE.format(body), "p { color: red }"))
    return [str(each.xpath("string()")) for each in page.iter() if each.get("dir") == "rtl"]


def test_a_block_whose_first_letter_is_written_from_right_to_left_stands_so() -> None:
    assert turned("<p>« <em>مرحبا</em> par avion »</p><p>Le mot مرحبا.</p>") == ["« مرحبا par avion »"]
    assert turned("<ul><li>2026 : שלום</li><li><strong>Lead</strong> שלום</li></ul>") == ["2026 : שלום"]
    assert turned("<div>A<p>שלום</p></div><td>12</td>") == ["שלום"]


def test_its_style_keeps_what_it_had() -> None:
    made = inline_styles(PAGE.format("<p>שלום</p>"), "p { color: red }")
    assert 'style="color:red;text-align:right"' in made
    assert "text-align" not in inline_styles(PAGE.format("<p>Un mot.</p>"), "p { color: red }")


def test_a_mark_hangs_at_the_right() -> None:
    item = '<li style="padding-left:20px;text-indent:-20px"><span style="width:20px">–</span>שלום</li>'
    made = inline_styles(PAGE.format(f'<ul class="bare two">{item}</ul>'), "p { color: red }")
    assert 'style="padding-right:20px;text-indent:-20px;text-align:right"' in made
    quoted = inline_styles(PAGE.format("<blockquote><p>שלום</p></blockquote>"), "p { color: red }")
    assert "padding-right:24px" in quoted

"""Templates of a newsroom arrange what they are given: they run no code, read no file and follow no link out."""

from __future__ import annotations

from pathlib import Path
from pickle import dumps

import pytest
from jinja2.exceptions import SecurityError
from jinja2.sandbox import SandboxedEnvironment

from composer.errors import Refused
from composer.issue.blocks.notice import ResolvedNotice
from composer.rendering import render
from composer.rendering.letter import LetterTemplate
from composer.rendering.templates import environment, shipped
from tests.rendering.support.every_block import everything
from tests.rendering.support.sample_editions import edition, newsroom, words

NOTICE = ResolvedNotice(words("Un mot"))


def _override(root: Path, name: str, content: str) -> Path:
    path = root / "templates" / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(content)
    return path


@pytest.mark.parametrize(
    "attack",
    [
        "{{ namespace.__init__.__globals__ }}",
        "{{ ''.__class__.__mro__ }}",
        "{{ t.__call__ }}",
        "{{ t.func('x', 'fr') }}",
        "{{ (''|attr('__class__')) }}",
        "{{ [block]|map(attribute='__class__')|join }}",
        "{{ '{0.__class__}'.format(block) }}",
        "{{ publication.parse_file('var/secret.key') }}",
        "{{ publication['parse_file']('var/secret.key') }}",
        "{{ publication.parse_raw(pickled, proto='pickle', allow_pickle=true) }}",
        "{{ (publication|attr('model_dump'))() }}",
        "{{ [publication]|map(attribute='model_dump')|first }}",
        "{{ logo.read_text() }}",
        "{{ (logo.parent / '../../var/secret.key').read_text() }}",
        "{% set steal = logo.read_text %}{{ steal() }}",
        "{{ {}.update({}) }}",
        "{{ [].clear() }}",
        "{{ edition.blocks.__getitem__(0) }}",
    ],
)
def test_nothing_but_what_is_listed_is_called(attack: str, tmp_path: Path) -> None:
    (tmp_path / "templates").mkdir()
    template = LetterTemplate(edition(NOTICE), newsroom(tmp_path))
    context = template.for_mjml | {"block": NOTICE, "logo": tmp_path / "logo.png", "pickled": dumps(1)}
    with pytest.raises(SecurityError, match="is unsafe"):
        template.jinja.from_string(attack).render(context)


@pytest.mark.parametrize("attack", ["{{ cycler.__init__.__globals__.os.popen('id').read() }}", "{{ t.__call__ }}"])
@pytest.mark.parametrize("name", ["blocks/notice.mjml.j2", "section.mjml.j2", "letter.mjml.j2", "style.css.j2"])
def test_no_template_of_a_letter_escapes(attack: str, name: str, tmp_path: Path) -> None:
    """Not in a block, not in a piece that a shipped template includes, not around them all."""
    whole, house = everything(tmp_path), newsroom(tmp_path)
    assert render(whole, house).html
    _override(tmp_path, name, f"<mj-text><p>{attack}</p></mj-text>")
    with pytest.raises(Refused, match=name.replace(".", r"\.") + ", line 1.*(unsafe|undefined)"):
        render(whole, house)


def test_a_link_out_of_the_newsroom_is_no_template(tmp_path: Path) -> None:
    outside = tmp_path / "elsewhere"
    outside.write_text("<mj-text><p>Ailleurs.</p></mj-text>")
    root = tmp_path / "newsroom"
    path = _override(root, "blocks/notice.mjml.j2", "")
    path.unlink()
    path.symlink_to(outside)
    with pytest.raises(Refused, match="link that leads out of the newsroom"):
        render(edition(NOTICE), newsroom(root))


def test_a_folder_of_templates_that_is_a_link_out_is_not_read(tmp_path: Path) -> None:
    root = tmp_path / "newsroom"
    root.mkdir()
    _override(tmp_path, "blocks/notice.mjml.j2", "<mj-text><p>Ailleurs.</p></mj-text>")
    (root / "templates").symlink_to(tmp_path / "templates")
    with pytest.raises(Refused, match="link that leads out of the newsroom"):
        render(edition(NOTICE), newsroom(root))


def test_what_is_shipped_renders_the_same_in_the_sandbox(tmp_path: Path) -> None:
    """A newsroom that overrides one file runs every shipped one in it; and its copies of ours go on working."""
    whole, house = everything(tmp_path), newsroom(tmp_path)
    plain = render(whole, house)
    assert not isinstance(environment(house.root), SandboxedEnvironment)
    for path in shipped().rglob("*.j2"):
        if path.parent.name not in ("public", "studio"):
            _override(tmp_path, path.relative_to(shipped()).as_posix(), path.read_text(encoding="utf-8"))
    assert isinstance(environment(house.root), SandboxedEnvironment)
    assert render(whole, house) == plain


def test_jinja_gives_what_the_page_of_names_says(tmp_path: Path) -> None:
    (tmp_path / "templates").mkdir()
    page = (shipped() / "README.md").read_text(encoding="utf-8")
    given = environment(tmp_path).globals
    assert given.keys() == {"range", "dict", "namespace"}
    assert all(f"`{name}`" in page for name in given)

"""Real photographs for measuring, taken out of freely installable packages into build/photographs, once.

mvtb-data and vismatch come from PyPI (pip), opencv-doc, mate-backgrounds and lomiri-wallpapers-… from Debian
(apt-get download, which installs nothing). A package that cannot be had is named, and its photographs are missing.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
import tarfile
import zipfile
from collections.abc import Callable
from pathlib import Path

from PIL import Image

ROOT = Path(__file__).parents[2] / "build" / "photographs"
DEBIAN = ("opencv-doc", "mate-backgrounds", "lomiri-wallpapers-16.04", "lomiri-wallpapers-20.04")
PIP = (sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--dest", ".")
MVTB = "mvtb-data/mvtbdata/images"
VISMATCH = "vismatch/vismatch-1.2.0/vismatch/assets/example_pairs"
OPENCV = "opencv-doc/usr/share/doc/opencv-doc/examples"
WALKED = range(491, 516)  # numbers of one walk over a campus, some of one place
SAME_PLACE = {  # of the walk: what is seen to show one place, looked through by eye
    "red brick": [(491, 492), (493, 494)],
    "windows": [(495, 496), (500, 501), (500, 502), (501, 502), (502, 503)],
    "columns": [(506, 507), (506, 508), (507, 508), (507, 509), (508, 509), (507, 510), (509, 510)],
    "palms": [(511, 512), (513, 515)],
}
PARTS = {"red brick": range(491, 495), "windows": range(495, 506), "columns": [*range(506, 511), 514]}
PARTS["palms"] = [511, 512, 513, 515]
TWICE = {  # one place, from two or three viewpoints or times
    "building": [f"{MVTB}/building2-{k}.png" for k in (1, 2, 3)],
    "tower": [f"{MVTB}/eiffel-{k}.png" for k in (1, 2)],
    "walls": [f"{MVTB}/walls-{k}.png" for k in "lr"],
    "rocks": [f"{MVTB}/rocks2-{k}.png" for k in "lr"],
    "sign": [f"{MVTB}/castle{k}.png" for k in ("", "2")],
    "hill": [f"{VISMATCH}/outdoor/montmartre_{k}.jpg" for k in ("close", "far")],
    "hall": [f"{VISMATCH}/indoor/gcs_{k}.jpg" for k in ("close", "far")],
    "cathedral": [f"{VISMATCH}/false_positive/notre_dame.jpg", f"{MVTB}/notre-dame.png"],
    "street": [f"{OPENCV}/data/leuven{k}.jpg" for k in "AB"],
    "painted": [f"{OPENCV}/data/graf{k}.png" for k in "13"],
    "plant": [f"{OPENCV}/data/aloe{k}.jpg" for k in "LR"],
    "ball": [f"{OPENCV}/data/basketball{k}.png" for k in "12"],
}
ONCE = {
    MVTB: "church.jpg parks.png penguins.png road.png roof.png street.png lab-scene.png monalisa.png greenscreen.png"
    " tomato_124.png flowers1.png flowers2.png flowers3.png flowers4.png flowers5.png flowers6.png flowers7.png"
    " flowers8.png flowers9.png",
    VISMATCH: "false_positive/chartres.jpg",
    f"{OPENCV}/data": "home.jpg building.jpg board.jpg stuff.jpg fruits.jpg baboon.jpg butterfly.jpg cards.png"
    " messi5.jpg smarties.png squirrel_cls.jpg rubberwhale1.png aero1.jpg ela_original.jpg apple.jpg orange.jpg"
    " licenseplate_motion.jpg",
    f"{OPENCV}/text": "scenetext01.jpg scenetext02.jpg scenetext03.jpg scenetext04.jpg scenetext05.jpg scenetext06.jpg",
}
WALLS = DEBIAN[1:]  # their JPEGs, but for those that are drawn
DRAWN = ("abstract", "/desktop/", "Elephants_")


def scenes() -> dict[str, tuple[list[Path], list[tuple[Path, Path]]]]:
    """By place: its photographs, and the pairs of them that show the same of it. Fetches what is missing."""
    _fetch()
    found: dict[str, tuple[list[Path], list[tuple[Path, Path]]]] = {}
    for name, numbers in PARTS.items():
        pairs = [(_walked(a), _walked(b)) for a, b in SAME_PLACE[name]]
        found[name] = [_walked(number) for number in numbers], pairs
    for name, files in TWICE.items():
        views = [ROOT / file for file in files]
        found[name] = views, [(a, b) for k, a in enumerate(views) for b in views[k + 1 :]]
    once = [ROOT / folder / name for folder, names in ONCE.items() for name in names.split()]
    walls = sorted(file for package in WALLS for file in (ROOT / package).rglob("*.jpg") if not file.is_symlink())
    once += [file for file in walls if not any(word in str(file) for word in DRAWN)]
    found |= {str(file.relative_to(ROOT)): ([file], []) for file in once}
    there = {
        name: ([file for file in files if file.exists()], [pair for pair in pairs if all(one.exists() for one in pair)])
        for name, (files, pairs) in found.items()
    }
    return {name: one for name, one in there.items() if one[0]}


def photographs() -> list[Path]:
    """One of each view: of near copies (both eyes of a camera) the first."""
    near = {"building", "walls", "rocks", "sign", "plant", "ball"}
    return [file for name, (files, _) in scenes().items() for file in (files[:1] if name in near else files)]


def opened(file: Path, edge: int = 1_600) -> Image.Image:
    with Image.open(file) as found:
        picture = found.convert("RGB")
    picture.thumbnail((edge, edge))
    return picture


def _walked(number: int) -> Path:
    file = ROOT / MVTB / "campus" / f"P1070{number}.png"
    return file if file.exists() else file.parent / "holdout" / file.name


def _fetch() -> None:
    wanted: dict[str, Callable[[Path], None]] = {"mvtb-data": _wheel, "vismatch": _sdist}
    for package, bring in (wanted | dict.fromkeys(DEBIAN, _debian)).items():
        place = ROOT / package
        if place.exists():
            continue
        making = ROOT / f"{package}.part"
        shutil.rmtree(making, ignore_errors=True)
        making.mkdir(parents=True)
        try:
            bring(making)
        except (subprocess.CalledProcessError, OSError, IndexError) as error:
            print(f"{package} cannot be had, its photographs are missing: {error}")
            continue
        making.rename(place)


def _wheel(place: Path) -> None:
    subprocess.run([*PIP, "mvtb-data==1.6.1"], cwd=place, check=True)
    file = next(iter(place.glob("*.whl")))
    with zipfile.ZipFile(file) as packed:
        packed.extractall(place)
    file.unlink()


def _sdist(place: Path) -> None:
    subprocess.run([*PIP, "--no-binary", ":all:", "vismatch==1.2.0"], cwd=place, check=True)
    file = next(iter(place.glob("*.tar.gz")))
    with tarfile.open(file) as packed:
        packed.extractall(place, filter="data")
    file.unlink()


def _debian(place: Path) -> None:
    command = ["apt-get", "download", "--quiet", place.name.removesuffix(".part")]
    if subprocess.run(command, cwd=place, check=False, capture_output=True).returncode:
        subprocess.run(
            ["apt-get", "update", "--quiet"], check=True, capture_output=True
        )  # its lists are missing or old
        subprocess.run(command, cwd=place, check=True, capture_output=True)
    file = next(iter(place.glob("*.deb")))
    subprocess.run(["dpkg", "-x", file.name, "."], cwd=place, check=True)
    file.unlink()

"""Names for streets, districts and shops, in Chinese with their Latin forms."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple, TypeVar

import numpy as np

_T = TypeVar("_T")


class Name(NamedTuple):
    """One name in both scripts."""

    zh: str
    en: str

    def tags(self) -> dict[str, str]:
        """Return the tags that carry it in OpenStreetMap."""
        return {"name": self.zh, "name:zh": self.zh, "name:en": self.en}


# The city is invented; so are its districts.
CITY = Name("澜川市", "Lanchuan")
RIVER = Name("澜江", "Lan River")
LAKE = Name("镜月湖", "Jingyue Lake")
ISLAND = Name("望月岛", "Wangyue Island")
RAILWAY = Name("澜昌铁路", "Lanchang Railway")
RING_MOTORWAY = Name("绕城高速", "Ring Expressway")

SIDES = {"E": ("东", "East"), "S": ("南", "South"), "W": ("西", "West"), "N": ("北", "North")}
MIDDLE = ("中", "Middle")

# (hanzi, pinyin) of words that many Chinese cities use for their main streets.
_GREAT = (
    ("解放", "Jiefang"), ("建设", "Jianshe"), ("和平", "Heping"), ("文化", "Wenhua"),
    ("长江", "Changjiang"), ("黄河", "Huanghe"), ("青年", "Qingnian"), ("新华", "Xinhua"),
    ("胜利", "Shengli"), ("光明", "Guangming"), ("东风", "Dongfeng"), ("朝阳", "Chaoyang"),
    ("幸福", "Xingfu"), ("友谊", "Youyi"), ("团结", "Tuanjie"), ("民主", "Minzhu"),
    ("前进", "Qianjin"), ("红旗", "Hongqi"), ("迎宾", "Yingbin"), ("学府", "Xuefu"),
    ("科技", "Keji"), ("金融", "Jinrong"), ("创新", "Chuangxin"), ("体育", "Tiyu"),
    ("五一", "Wuyi"), ("延安", "Yan'an"), ("泰山", "Taishan"), ("华山", "Huashan"),
    ("昆仑", "Kunlun"), ("太行", "Taihang"), ("珠江", "Zhujiang"), ("淮海", "Huaihai"),
)  # fmt: skip
_WORKS = (
    ("工业", "Gongye"), ("机械", "Jixie"), ("汽车", "Qiche"), ("钢铁", "Gangtie"),
    ("纺织", "Fangzhi"), ("物流", "Wuliu"), ("兴业", "Xingye"), ("创业", "Chuangye"),
    ("开发", "Kaifa"), ("腾飞", "Tengfei"), ("振兴", "Zhenxing"), ("富强", "Fuqiang"),
)  # fmt: skip
_FIRST = (
    ("云", "yun"), ("凤", "feng"), ("龙", "long"), ("金", "jin"), ("银", "yin"), ("玉", "yu"),
    ("清", "qing"), ("兰", "lan"), ("梅", "mei"), ("竹", "zhu"), ("松", "song"), ("荷", "he"),
    ("桂", "gui"), ("枫", "feng"), ("柳", "liu"), ("杏", "xing"), ("桃", "tao"), ("棠", "tang"),
    ("白", "bai"), ("青", "qing"), ("紫", "zi"), ("红", "hong"), ("春", "chun"), ("秋", "qiu"),
    ("永", "yong"), ("兴", "xing"), ("福", "fu"), ("德", "de"), ("仁", "ren"), ("义", "yi"),
    ("文", "wen"), ("武", "wu"), ("鹤", "he"), ("鹭", "lu"), ("雁", "yan"), ("石", "shi"),
    ("锦", "jin"), ("书", "shu"), ("明", "ming"), ("古", "gu"), ("双", "shuang"), ("长", "chang"),
)  # fmt: skip
_SECOND = (
    ("溪", "xi"), ("泉", "quan"), ("山", "shan"), ("林", "lin"), ("湖", "hu"), ("园", "yuan"),
    ("桥", "qiao"), ("亭", "ting"), ("塔", "ta"), ("门", "men"), ("岭", "ling"), ("湾", "wan"),
    ("洲", "zhou"), ("港", "gang"), ("苑", "yuan"), ("坪", "ping"), ("谷", "gu"), ("台", "tai"),
    ("井", "jing"), ("安", "an"), ("宁", "ning"), ("康", "kang"),
    ("和", "he"), ("源", "yuan"), ("华", "hua"), ("平", "ping"), ("庆", "qing"), ("里", "li"),
    ("阁", "ge"), ("堂", "tang"), ("池", "chi"), ("浦", "pu"), ("渡", "du"), ("岸", "an"),
)  # fmt: skip
_ONES: tuple[str, ...] = ("", *"一二三四五六七八九")
_VILLAGE = (("村", "Village"), ("屯", "Tun"), ("庄", "Zhuang"), ("集", "Ji"))
_ESTATE = (("新村", "New Village"), ("花园", "Garden"), ("小区", "Estate"), ("家园", "Homes"))
_SUFFIX = {
    "great": (("大道", "Avenue"),),
    "works": (("路", "Road"),),
    "main": (("路", "Road"),),
    "street": (("路", "Road"), ("路", "Road"), ("街", "Street")),
    "lane": (("街", "Street"), ("巷", "Lane"), ("弄", "Alley"), ("巷", "Lane")),
}
_SHOP_FIRST = (
    ("顺达", "Shunda"), ("鑫隆", "Xinlong"), ("宏运", "Hongyun"), ("恒通", "Hengtong"),
    ("安捷", "Anjie"), ("华腾", "Huateng"), ("车之友", "Chezhiyou"), ("路路通", "Lulutong"),
    ("金轮", "Jinlun"), ("万里", "Wanli"), ("速诚", "Sucheng"), ("德众", "Dezhong"),
    ("驰骋", "Chicheng"), ("佳驾", "Jiajia"), ("平安达", "Ping'anda"), ("诚信", "Chengxin"),
    ("兴旺", "Xingwang"), ("腾龙", "Tenglong"), ("名匠", "Mingjiang"), ("老兵", "Laobing"),
    ("小李", "Xiaoli"), ("老周", "Laozhou"), ("大众之家", "Dazhongzhijia"), ("铭车", "Mingche"),
    ("瑞丰", "Ruifeng"), ("吉利来", "Jililai"), ("卓越", "Zhuoyue"), ("捷顺", "Jieshun"),
    ("银河", "Yinhe"), ("北极星", "Beijixing"), ("飞鸿", "Feihong"), ("长青", "Changqing"),
    ("国泰", "Guotai"), ("新动力", "Xindongli"), ("海纳", "Haina"), ("百川", "Baichuan"),
    ("天翼", "Tianyi"), ("振华", "Zhenhua"), ("联创", "Lianchuang"), ("江城", "Jiangcheng"),
    ("金桥", "Jinqiao"), ("锦绣", "Jinxiu"), ("博世达", "Boshida"), ("迅捷", "Xunjie"),
    ("和顺", "Heshun"), ("鸿运来", "Hongyunlai"), ("正达", "Zhengda"), ("四海", "Sihai"),
)  # fmt: skip
_REPAIR = (
    ("汽修", "Auto Repair"),
    ("汽车服务中心", "Car Service Centre"),
    ("汽车维修厂", "Motor Works"),
    ("养车", "Car Care"),
    ("钣金喷漆", "Body and Paint"),
    ("轮胎", "Tyres"),
    ("变速箱专修", "Gearbox Repair"),
)

DISTRICTS = {
    "C": Name("古城区", "Old Town"),
    "N": Name("北苑区", "Beiyuan"),
    "E": Name("东湖区", "Donghu"),
    "S": Name("江南区", "Jiangnan"),
    "W": Name("西站区", "Xizhan"),
}


class StreetNames:
    """Hands out street names, none of them twice."""

    def __init__(self, rng: np.random.Generator) -> None:
        self._rng = rng
        pairs = _rounds(rng, _pairs())
        self._words = {
            "great": _rounds(rng, _GREAT),
            "works": _rounds(rng, _WORKS),
            "main": pairs,
            "street": pairs,
            "lane": pairs,
        }

    def next(self, style: str) -> Name:
        """Return a new name; ``great``, ``works``, ``main``, ``street`` or ``lane``."""
        zh, en = next(self._words[style])
        suffixes = _SUFFIX[style]
        suffix = suffixes[self._rng.integers(len(suffixes))]
        return Name(zh + suffix[0], f"{en} {suffix[1]}")


def _rounds(
    rng: np.random.Generator, words: Sequence[tuple[str, str]]
) -> Iterator[tuple[str, str]]:
    """Yield the words in any order; then again with a number, as 工业二路 follows 工业路."""
    order = _shuffled(rng, words)
    yield from order
    for number in range(2, 100):
        for zh, en in order:
            yield zh + _digits(number), f"{en} {number}"


def village_names(rng: np.random.Generator) -> Iterator[Name]:
    """Yield names of villages that differ from each other."""
    for zh, en in _shuffled(rng, _pairs()):
        kind = _VILLAGE[rng.integers(len(_VILLAGE))]
        yield Name(
            zh + kind[0], f"{en}{kind[1].lower()}" if kind[1] != "Village" else f"{en} Village"
        )


def estate_names(rng: np.random.Generator) -> Iterator[Name]:
    """Yield names of neighbourhoods that differ from each other."""
    for zh, en in _shuffled(rng, _pairs()):
        kind = _ESTATE[rng.integers(len(_ESTATE))]
        yield Name(zh + kind[0], f"{en} {kind[1]}")


def park_names(rng: np.random.Generator) -> Iterator[Name]:
    """Yield names of parks that differ from each other."""
    for zh, en in _shuffled(rng, _pairs()):
        yield Name(zh + "公园", f"{en} Park")


def school_names(rng: np.random.Generator, kind: Name) -> Iterator[Name]:
    """Yield names of schools or hospitals that differ from each other."""
    for zh, en in _shuffled(rng, _pairs()):
        yield Name(zh + kind.zh, f"{en} {kind.en}")


def workshop_names(rng: np.random.Generator) -> Iterator[Name]:
    """Yield names of repair shops that differ from each other."""
    every = [
        Name(first[0] + kind[0], f"{first[1]} {kind[1]}")
        for kind in _REPAIR
        for first in _SHOP_FIRST
    ]
    yield from _shuffled(rng, every)


def sided(name: Name, side: str) -> Name:
    """Return the name with its side: 中山路 and ``N`` give 中山北路, Zhongshan North Road."""
    zh, en = SIDES.get(side, MIDDLE)
    for suffix in ("大道", "路", "街"):
        if name.zh.endswith(suffix):
            first, last = name.en.rsplit(" ", 1)
            return Name(f"{name.zh[: -len(suffix)]}{zh}{suffix}", f"{first} {en} {last}")
    return Name(name.zh + zh, f"{name.en} {en}")


def _pairs() -> list[tuple[str, str]]:
    """Return words of two characters, one of those that sound alike: 凤安, 枫岸 are Feng'an."""
    pairs = {
        _joined(first[1], second[1]): first[0] + second[0] for first in _FIRST for second in _SECOND
    }
    return [(zh, en) for en, zh in pairs.items()]


def _joined(first: str, second: str) -> str:
    # Pinyin sets an apostrophe before a syllable that begins with a vowel: Yong'an.
    mark = "'" if second[0] in "aeo" else ""
    return (first + mark + second).capitalize()


def _digits(number: int) -> str:
    """Return a number from 2 to 99 as street names write it: 二, 十, 十一, 二十三."""
    tens, ones = divmod(number, 10)
    ten = ("十" if tens == 1 else _ONES[tens] + "十") if tens else ""
    return ten + _ONES[ones]


def _shuffled(rng: np.random.Generator, items: Sequence[_T]) -> list[_T]:
    return [items[index] for index in rng.permutation(len(items))]

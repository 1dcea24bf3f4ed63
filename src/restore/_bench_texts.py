"""The sample that ``restore bench`` measures with: one article, native, lightly and heavily spun.

Written for this purpose; the marks are ``[[spun=>original]]``.
"""

from __future__ import annotations

import re

__all__ = ["KINDS", "sample"]

KINDS = ("clean", "light", "heavy")
"""How much of the sample is spun: nothing, every fourth mark, every mark."""

_MARK = re.compile(r"\[\[(.*?)=>(.*?)\]\]")

_ARTICLE = """\
The government [[mentioned=>said]] on Tuesday that it would [[purchase=>buy]] twelve [[further=>more]] ships for the \
coastguard, [[regardless of=>despite]] [[considerations=>concerns]] [[in regards to the=>about the]] [[price=>cost]] \
and a [[scarcity=>shortage]] of [[educated=>trained]] [[crew=>sailors]].
[[Protection=>Defence]] Secretary Helen Marsh [[instructed=>told]] [[members of parliament=>MPs]] that the \
[[preliminary=>first]] two [[boats=>vessels]] [[can=>will]] be [[prepared=>ready]] by the [[finish=>end]] of \
[[subsequent=>next]] year. ‘We have waited [[lengthy=>long]] [[sufficient=>enough]],’ she [[mentioned=>said]]. ‘The \
[[individuals=>people]] of our coast deserve [[higher=>better]].’

The opposition [[mentioned=>said]] the [[determination=>decision]] [[got here=>came]] too late. Its spokesman, Peter \
Lund, [[identified as=>called]] the plan ‘[[a costly=>an expensive]] mistake’ and [[requested=>asked]] why the \
[[workplace=>office]] of the [[primary=>prime]] minister had [[saved=>kept]] the report secret \
[[because the=>since the]] [[begin=>start]] of the [[battle=>war]]. He [[additionally=>also]] warned that the \
[[military=>army]] [[may=>might]] lose [[cash=>money]] that it [[wants=>needs]] for the [[japanese=>eastern]] border.
[[In keeping with=>According to]] figures [[launched=>released]] [[final=>last]] month, the coastguard answered 4,312 \
calls in 2021, [[greater than=>more than]] in any [[earlier=>previous]] [[12 months=>year]]. [[Almost=>Nearly]] \
[[a 3rd=>a third]] of its ships are [[greater than=>more than]] thirty years [[previous=>old]], and \
[[a number of=>several]] have [[needed to=>had to]] [[keep=>stay]] in port [[in the course of the=>during the]] \
winter storms.

Residents of the small fishing [[city=>town]] of Skerry, [[the place=>where]] a trawler [[was misplaced=>was lost]] \
[[with out=>without]] a trace in February, welcomed the [[information=>news]]. ‘My brother was on that \
[[ship=>boat]],’ [[mentioned=>said]] Anna Rowe, 41, who teaches at the [[native=>local]] [[college=>school]]. \
‘[[No one=>Nobody]] [[got here=>came]] for six hours. I hope that [[no person=>nobody]] else has to \
[[undergo=>go through]] that.’
The contract [[can be=>will be]] signed in the spring. [[Specialists=>Experts]] [[imagine=>believe]] that \
[[constructing=>building]] the ships [[might=>could]] create 900 jobs, [[principally=>mostly]] in the north, \
[[the place=>where]] two [[massive=>large]] yards have closed [[lately=>recently]]. [[Nonetheless=>However]], the \
[[commerce=>trade]] unions [[stay=>remain]] cautious: [[comparable=>similar]] [[guarantees=>promises]] \
[[have been made=>were made]] [[earlier than=>before]] the [[final=>last]] [[basic=>general]] election, they \
[[level out=>point out]], and nothing [[occurred=>happened]].
"""


def sample(kind: str) -> str:
    """Return the article in one of :data:`KINDS`; about 2 kB.

    >>> [sample(kind)[15:30] for kind in KINDS]
    ['said on Tuesday', 'mentioned on Tu', 'mentioned on Tu']
    """
    number = 0

    def choose(mark: re.Match[str]) -> str:
        nonlocal number
        number += 1
        spun = kind == "heavy" or (kind == "light" and number % 4 == 1)
        return mark.group(1 if spun else 2)

    return _MARK.sub(choose, _ARTICLE)

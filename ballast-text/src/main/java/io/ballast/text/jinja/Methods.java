package io.ballast.text.jinja;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Methods of Python's texts, lists and mappings that leave the value as it is; those that change it are refused, as transformers' sandbox does. */
final class Methods {
  private static final Set<String> CHANGING = Set.of("append", "extend", "insert", "remove", "sort", "reverse", "pop", "clear", "update", "popitem", "setdefault");
  private static final Set<String> OF_TEXTS = Set.of("strip", "lstrip", "rstrip", "split", "rsplit", "splitlines", "startswith", "endswith", "upper", "lower",
      "title", "capitalize", "replace", "join", "find", "rfind", "index", "count", "isdigit", "isalpha", "isalnum", "isspace", "isupper", "islower",
      "removeprefix", "removesuffix", "partition", "rpartition", "zfill");
  private static final Set<String> UNSUPPORTED = Set.of("format", "format_map", "encode", "center", "ljust", "rjust", "expandtabs", "translate", "maketrans",
      "casefold", "swapcase", "rindex", "isnumeric", "isdecimal", "isidentifier", "isprintable", "istitle", "isascii");

  private Methods() {}

  /** Null where the value has no such method. */
  static @Nullable Invocable of(Object value, String name) {
    return switch (value) {
      case String _ when UNSUPPORTED.contains(name) -> _ -> {
        throw new JinjaException("the method '%s' of a text is not supported".formatted(name));
      };
      case String text -> OF_TEXTS.contains(name) ? args -> ofText(text, name, args) : null;
      case List<?> list -> ofList(list, name);
      case Map<?, ?> map -> ofMap(map, name);
      default -> null;
    };
  }

  private static @Nullable Object ofText(String text, String name, Arguments given) {
    return switch (name) {
      case "strip", "lstrip", "rstrip" -> PythonText.strip(text, given.bind(name, "chars").textOrNull(0), !name.equals("rstrip"), !name.equals("lstrip"));
      case "split", "rsplit" -> {
        var args = given.bind(name, "sep", "maxsplit");
        yield split(text, args.textOrNull(0), args.whole(1, -1), name.equals("rsplit"));
      }
      case "splitlines" -> splitLines(text, Values.truth(given.bind(name, "keepends").or(0, false)));
      case "startswith", "endswith" -> {
        var args = given.bind(name, "prefix");
        var affixes = args.get(0) instanceof Tuple tuple ? tuple : List.of(args.text(0));
        yield affixes.stream().map(PythonText::str).anyMatch(affix -> name.equals("startswith") ? text.startsWith(affix) : text.endsWith(affix));
      }
      case "upper" -> text.toUpperCase(Locale.ROOT);
      case "lower" -> text.toLowerCase(Locale.ROOT);
      case "title" -> title(text);
      case "capitalize" -> capitalised(text);
      case "replace" -> {
        var args = given.bind(name, "old", "new", "count");
        yield replace(text, args.text(0), args.text(1), args.whole(2, -1));
      }
      case "join" -> joined(Values.items(given.bind(name, "iterable").get(0)), text);
      case "find", "rfind", "index" -> find(text, name, given.bind(name, "sub").text(0));
      case "count" -> {
        String part = given.bind(name, "sub").text(0);
        yield part.isEmpty() ? Values.length(text) + 1 : (long) (split(text, part, -1, false).size() - 1);
      }
      case "isdigit" -> all(text, Character::isDigit);
      case "isalpha" -> all(text, Character::isLetter);
      case "isalnum" -> all(text, Character::isLetterOrDigit);
      case "isspace" -> all(text, PythonText::isSpace);
      case "isupper" -> text.codePoints().anyMatch(Character::isUpperCase) && text.codePoints().noneMatch(c -> Character.isLowerCase(c) || Character.isTitleCase(c));
      case "islower" -> text.codePoints().anyMatch(Character::isLowerCase) && text.codePoints().noneMatch(c -> Character.isUpperCase(c) || Character.isTitleCase(c));
      case "removeprefix" -> {
        String prefix = given.bind(name, "prefix").text(0);
        yield text.startsWith(prefix) ? text.substring(prefix.length()) : text;
      }
      case "removesuffix" -> {
        String suffix = given.bind(name, "suffix").text(0);
        yield text.endsWith(suffix) ? text.substring(0, text.length() - suffix.length()) : text;
      }
      case "partition", "rpartition" -> partition(text, name, given.bind(name, "sep").text(0));
      default -> {
        int width = given.bind(name, "width").whole(0, 0), sign = text.startsWith("-") || text.startsWith("+") ? 1 : 0;
        int zeros = Math.clamp(width - text.length(), 0, Renderer.LONGEST);
        yield text.substring(0, sign) + "0".repeat(zeros) + text.substring(sign);
      }
    };
  }

  private static boolean all(String text, java.util.function.IntPredicate test) {
    return !text.isEmpty() && text.codePoints().allMatch(test);
  }

  private static Object find(String text, String name, String part) {
    int at = name.equals("rfind") ? text.lastIndexOf(part) : text.indexOf(part);
    if (at < 0 && name.equals("index")) throw new JinjaException("index: the text does not hold '%s'".formatted(part));
    return at < 0 ? -1L : (long) text.codePointCount(0, at);
  }

  private static Tuple partition(String text, String name, String separator) {
    if (separator.isEmpty()) throw new JinjaException("%s: the separator is empty".formatted(name));
    boolean right = name.equals("rpartition");
    int at = right ? text.lastIndexOf(separator) : text.indexOf(separator);
    if (at < 0) return new Tuple(right ? List.of("", "", text) : List.of(text, "", ""));
    return new Tuple(List.of(text.substring(0, at), separator, text.substring(at + separator.length())));
  }

  static List<@Nullable Object> split(String text, @Nullable String separator, int most, boolean right) {
    var parts = new ArrayList<@Nullable Object>();
    if (separator != null && separator.isEmpty()) throw new JinjaException("split: the separator is empty");
    int from = 0, to = text.length();
    if (separator == null) {
      text = PythonText.strip(text, null, !right || most < 0, right || most < 0);
      to = text.length();
      if (!right) {
        while (from < to && (most < 0 || parts.size() < most)) {
          int end = from;
          while (end < to && !PythonText.isSpace(text.charAt(end))) end++;
          parts.add(text.substring(from, end));
          from = end;
          while (from < to && PythonText.isSpace(text.charAt(from))) from++;
        }
        if (from < to) parts.add(text.substring(from));
        return parts;
      }
      while (to > 0 && (most < 0 || parts.size() < most)) {
        int start = to;
        while (start > 0 && !PythonText.isSpace(text.charAt(start - 1))) start--;
        parts.addFirst(text.substring(start, to));
        to = start;
        while (to > 0 && PythonText.isSpace(text.charAt(to - 1))) to--;
      }
      if (to > 0) parts.addFirst(text.substring(0, to));
      return parts;
    }
    while (most < 0 || parts.size() < most) {
      int at = right ? text.lastIndexOf(separator, to - separator.length()) : text.indexOf(separator, from);
      if (at < 0 || (right && to < separator.length())) break;
      if (right) {
        parts.addFirst(text.substring(at + separator.length(), to));
        to = at;
      } else {
        parts.add(text.substring(from, at));
        from = at + separator.length();
      }
    }
    if (right) parts.addFirst(text.substring(0, to));
    else parts.add(text.substring(from));
    return parts;
  }

  private static List<@Nullable Object> splitLines(String text, boolean keepEnds) {
    var lines = new ArrayList<@Nullable Object>();
    int from = 0;
    for (int i = 0; i < text.length(); i++) {
      if ("\n\r\u000b\f\u001c\u001d\u001e\u0085\u2028\u2029".indexOf(text.charAt(i)) < 0) continue;
      int end = text.charAt(i) == '\r' && text.startsWith("\n", i + 1) ? i + 2 : i + 1;
      lines.add(text.substring(from, keepEnds ? end : i));
      from = end;
      i = end - 1;
    }
    if (from < text.length()) lines.add(text.substring(from));
    return lines;
  }

  static String replace(String text, String old, String with, int most) {
    if (most < 0) return text.replace(old, with);
    var out = new StringBuilder();
    int from = 0;
    for (int done = 0; done < most; done++) {
      int at = text.indexOf(old, from);
      if (at < 0 || (old.isEmpty() && from >= text.length())) break;
      out.append(text, from, at).append(with);
      from = at + old.length();
      if (old.isEmpty()) out.append(text.charAt(from++));
    }
    return out.append(text, from, text.length()).toString();
  }

  static String joined(List<@Nullable Object> items, String between) {
    var out = new StringBuilder();
    for (int i = 0; i < items.size(); i++) {
      if (!(items.get(i) instanceof String text)) throw new JinjaException("join: item %d is %s, not a text".formatted(i, Values.kind(items.get(i))));
      out.append(i > 0 ? between : "").append(text);
    }
    return out.toString();
  }

  static String capitalised(String text) {
    if (text.isEmpty()) return text;
    int first = text.offsetByCodePoints(0, 1);
    return text.substring(0, first).toUpperCase(Locale.ROOT) + text.substring(first).toLowerCase(Locale.ROOT);
  }

  private static String title(String text) {
    var out = new StringBuilder(text.length());
    boolean inWord = false;
    for (int c : text.codePoints().toArray()) {
      out.appendCodePoint(inWord ? Character.toLowerCase(c) : Character.toTitleCase(c));
      inWord = Character.isLetter(c);
    }
    return out.toString();
  }

  private static @Nullable Invocable ofList(List<?> list, String name) {
    return switch (name) {
      case "count" -> args -> {
        Object wanted = args.bind(name, "value").get(0);
        return list.stream().filter(item -> Values.equal(item, wanted)).count();
      };
      case "index" -> args -> {
        Object wanted = args.bind(name, "value").get(0);
        for (int i = 0; i < list.size(); i++) if (Values.equal(list.get(i), wanted)) return (long) i;
        throw new JinjaException("index: the list does not hold %s".formatted(PythonText.repr(wanted)));
      };
      case "copy" -> args -> {
        args.bind(name);
        return new ArrayList<@Nullable Object>(list);
      };
      default -> CHANGING.contains(name) ? refused("a list", name) : null;
    };
  }

  private static @Nullable Invocable ofMap(Map<?, ?> map, String name) {
    return switch (name) {
      case "get" -> args -> {
        var bound = args.bind(name, "key", "default");
        return map.containsKey(bound.get(0)) ? map.get(bound.get(0)) : bound.or(1, null);
      };
      case "keys" -> args -> {
        args.bind(name);
        return new ArrayList<@Nullable Object>(map.keySet());
      };
      case "values" -> args -> {
        args.bind(name);
        return new ArrayList<@Nullable Object>(map.values());
      };
      case "items" -> args -> {
        args.bind(name);
        return items(map);
      };
      case "copy" -> args -> {
        args.bind(name);
        return new java.util.LinkedHashMap<@Nullable Object, @Nullable Object>(map);
      };
      default -> CHANGING.contains(name) && !List.of("append", "extend", "insert", "remove", "sort", "reverse").contains(name) ? refused("a mapping", name) : null;
    };
  }

  static List<@Nullable Object> items(Map<?, ?> map) {
    var out = new ArrayList<@Nullable Object>();
    map.forEach((key, value) -> {
      var pair = new ArrayList<@Nullable Object>();
      pair.add(key);
      pair.add(value);
      out.add(new Tuple(pair));
    });
    return out;
  }

  private static Invocable refused(String owner, String name) {
    return _ -> {
      throw new JinjaException("the method '%s' would change %s, which a chat template may not do; make a new one with +, or use namespace".formatted(name, owner));
    };
  }
}

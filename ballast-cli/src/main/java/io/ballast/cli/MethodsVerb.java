package io.ballast.cli;

import io.ballast.ledger.Json;
import io.ballast.method.Method;
import io.ballast.method.Methods;
import io.ballast.method.Setting;
import io.ballast.method.UnknownMethodException;
import java.io.PrintStream;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

@Command(
    name = "methods",
    description = "Every method: id, paper, parts it is made of, settings with defaults.",
    mixinStandardHelpOptions = true,
    sortOptions = false,
    footerHeading = "%nExamples:%n",
    footer = {
      "  ballast methods                  a table",
      "  ballast methods bapo             one method with its settings, their defaults and sources",
      "  ballast methods --json           one JSON object a method"
    })
final class MethodsVerb implements Runnable {

  @Parameters(index = "0", arity = "0..1", paramLabel = "NAME", description = "Show this method in full.")
  private @Nullable String name;

  @Option(names = "--json", description = "One JSON object a line.")
  private boolean json;

  @Override public void run() {
    PrintStream out = Streams.out();
    List<Method> methods;
    try {
      methods = name == null ? Methods.all() : List.of(Methods.named(name));
    } catch (UnknownMethodException e) {
      throw new RequestException(e.getMessage());
    }
    if (json) methods.forEach(method -> out.println(Json.line(json(method))));
    else if (name == null) table(methods, out);
    else detail(methods.getFirst(), out);
  }

  private static void table(List<Method> methods, PrintStream out) {
    int width = methods.stream().mapToInt(method -> method.id().length()).max().orElse(0);
    int title = methods.stream().mapToInt(method -> method.title().length()).max().orElse(0);
    for (var method : methods) {
      String mark = method.confidence().experimental() ? " (experimental)" : "";
      out.println(("%-" + width + "s  %-10s  %-" + title + "s  %s%s").formatted(method.id(), method.kind().label(), method.title(), first(method), mark));
    }
  }

  private static String first(Method method) {
    return method.papers().isEmpty() ? "" : method.papers().getFirst();
  }

  private static void detail(Method method, PrintStream out) {
    out.println(method.id() + ": " + method.title());
    for (String paper : method.papers()) out.println("  paper       " + paper);
    out.println("  kind        " + method.kind().label());
    out.println("  confidence  " + method.confidence().label() + (method.confidence().experimental() ? ", experimental: part of it is guesswork, see docs/methods/" + method.id() + ".md" : ""));
    if (!method.guesswork().isEmpty()) out.println("  guesswork   " + method.guesswork());
    for (int i = 0; i < method.parts().size(); i++) out.println((i == 0 ? "  parts       " : "              ") + method.parts().get(i));
    if (!method.needs().isEmpty()) out.println("  needs       " + String.join(", ", method.needs()));
    if (method.settings().isEmpty()) return;
    out.println("  settings");
    int width = method.settings().stream().mapToInt(setting -> setting.name().length()).max().orElse(0);
    int value = method.settings().stream().mapToInt(setting -> setting.defaultText().length()).max().orElse(0);
    for (Setting setting : method.settings()) {
      out.println(("    %-" + width + "s  %-" + value + "s  %s").formatted(setting.name(), setting.defaultText(), meaning(setting)));
    }
  }

  private static String meaning(Setting setting) {
    String choices = setting.choices().isEmpty() ? "" : " (" + String.join(", ", setting.choices()) + ")";
    String also = setting.also().isEmpty() ? "" : " (also " + String.join(", ", setting.also()) + ")";
    return setting.meaning() + choices + also + (setting.source().isBlank() ? "" : " [" + setting.source() + "]");
  }

  private static Map<String, Object> json(Method method) {
    var object = new LinkedHashMap<String, Object>();
    object.put("id", method.id());
    object.put("title", method.title());
    object.put("paper", String.join("; ", method.papers()));
    object.put("kind", method.kind().label());
    object.put("parts", method.parts());
    object.put("confidence", method.confidence().label());
    if (!method.guesswork().isEmpty()) object.put("guesswork", method.guesswork());
    object.put("needs", method.needs());
    var settings = new ArrayList<Map<String, Object>>();
    for (Setting setting : method.settings()) {
      var one = new LinkedHashMap<String, Object>();
      one.put("name", setting.name());
      one.put("default", setting.defaultValue() == null ? setting.defaultText() : setting.defaultValue());
      one.put("meaning", setting.meaning());
      one.put("source", setting.source());
      one.put("type", setting.type().label());
      if (!setting.choices().isEmpty()) one.put("choices", setting.choices());
      if (!setting.also().isEmpty()) one.put("also", setting.also());
      settings.add(one);
    }
    object.put("settings", settings);
    return object;
  }
}

package io.ballast.checkers.math;

import java.util.HashMap;
import java.util.Locale;
import java.util.Map;

/** Names of units and what they are short for, so that 5 cm is not taken for 5 m. */
final class Units {
  /** A unit that says nothing: {@code units}, or a word we do not know, such as what is being counted. */
  static final String ANY = "";

  private static final Map<String, String> CANONICAL = new HashMap<>();

  static {
    for (var line : """
        m meter meters metre metres
        cm centimeter centimeters centimetre centimetres
        mm millimeter millimeters millimetre millimetres
        km kilometer kilometers kilometre kilometres
        in inch inches
        ft foot feet
        yd yard yards
        mi mile miles
        g gram grams
        kg kilogram kilograms kgs
        mg milligram milligrams
        lb lbs pound pounds
        oz ounce ounces
        l liter liters litre litres
        ml milliliter milliliters millilitre millilitres
        gal gallon gallons
        s sec secs second seconds
        min mins minute minutes
        h hr hrs hour hours
        am
        pm
        day days
        week weeks
        month months
        year years yr yrs
        $ dollar dollars usd
        ¢ cent cents
        € euro euros
        £ gbp
        yuan rmb
        deg degree degrees
        rad radian radians
        % percent percentage pct
        n newton newtons
        j joule joules
        w watt watts
        hz hertz
        mph
        """.split("\n")) {
      var names = line.strip().split(" ");
      for (var name : names) CANONICAL.put(name, names[0]);
    }
  }

  private Units() {}

  /** Whether a run of letters right after a number is a unit there rather than a product of variables. */
  static boolean known(String word) {
    return word.length() > 1 && CANONICAL.containsKey(word.toLowerCase(Locale.ROOT));
  }

  /** {@code square centimeters}, {@code sq cm}, {@code cm^2} → {@code cm^2}; {@link #ANY} where a word is unknown. */
  static String canonical(String written) {
    var result = new StringBuilder();
    String power = "";
    for (var word : written.toLowerCase(Locale.ROOT).replace(".", "").replace("/", " per ").replace("^", " ^").strip().split("\\s+")) {
      if (word.isEmpty() || word.equals("unit") || word.equals("units")) continue;
      if (word.equals("square") || word.equals("sq")) power = "^2";
      else if (word.equals("cubic") || word.equals("cu")) power = "^3";
      else if (word.equals("per") || word.equals("a") || word.equals("an")) result.append('/');
      else if (word.matches("\\^\\{?[0-9]\\}?")) result.append('^').append(word.replaceAll("[^0-9]", ""));
      else {
        var name = CANONICAL.get(word);
        if (name == null) return ANY;
        result.append(result.isEmpty() || result.toString().endsWith("/") ? "" : " ").append(name).append(power);
        power = "";
      }
    }
    return result.toString();
  }
}

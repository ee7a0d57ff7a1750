// Texts of the scripts, the same as those of texts.py.

export const UNNAMED = "Without a name";

export function readWords(value) {
  return value.replaceAll("_", " ").toLowerCase();
}

// A share of 0 to 100 percent, with a digit more where it is small.
export function formatPercent(value) {
  return `${value.toFixed(value > 0 && value < 1 ? 2 : 1)}%`;
}

export function isWebUrl(url) {
  return /^https?:\/\/[^/]/i.test(url ?? "");
}

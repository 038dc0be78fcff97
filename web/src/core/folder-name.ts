/** Returns the name of the folder of a class, as `scorp_runtime/formats/folder_names.py` does. */
export function folderName(name: string, classes: readonly string[]): string {
  if ([...name].length > 1) return name;
  if (!/[\p{L}\p{N}]/u.test(name)) {
    const code = (name.codePointAt(0) as number).toString(16).toUpperCase();
    return `U+${code.padStart(4, "0")}`;
  }
  const capital = name.toUpperCase();
  return name !== capital && classes.includes(capital) ? `lower_${name}` : name;
}

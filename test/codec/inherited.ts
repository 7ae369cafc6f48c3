/** What an object has of its prototypes, names and symbols. */
export function inherited(object: unknown): PropertyKey[] {
  const names: PropertyKey[] = [];
  for (let above = Object.getPrototypeOf(object); above !== null; above = Object.getPrototypeOf(above))
    names.push(...Reflect.ownKeys(above));
  return names;
}

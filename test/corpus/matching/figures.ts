/** Of each corpus the share that has to be found (docs/matching.md). */
export const FLOORS: Readonly<Record<string, number>> = {
  singles: 0.95,
  packs: 0.92,
  anime: 0.9,
  films: 0.97,
  awkward: 0.9,
}

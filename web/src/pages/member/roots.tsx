/** Hanging roots behind the totals; decoration only. */
const ROOTS: [x: number, length: number][] = [
  [8, 62], [26, 30], [44, 74], [66, 44], [88, 86], [112, 28], [134, 64], [158, 48], [180, 80],
  [204, 34], [226, 70], [250, 50], [274, 88], [298, 40], [320, 60],
];

export function Roots() {
  return (
    <svg class="roots" viewBox="0 0 328 180" preserveAspectRatio="xMaxYMin slice" aria-hidden="true">
      {ROOTS.map(([x, length]) => (
        <path key={x} d={`M${x} 0V${length}`} />
      ))}
    </svg>
  );
}

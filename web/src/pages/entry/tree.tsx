type Leaf = [x: number, y: number, radius: number];

const BACK: Leaf[] = [
  [200, 78, 56], [132, 96, 44], [268, 96, 44], [76, 124, 34], [324, 124, 34], [36, 152, 20], [364, 152, 20],
];
const FRONT: Leaf[] = [
  [168, 92, 40], [236, 88, 42], [108, 120, 30], [294, 118, 32], [200, 112, 34], [60, 146, 20], [342, 144, 21],
];
/** The fruit, in the colour of what was earned. */
const FIGS: Leaf[] = [
  [150, 74, 4], [196, 58, 4], [254, 70, 4], [104, 104, 3.5], [300, 100, 3.5], [222, 104, 4], [170, 112, 3.5],
  [68, 132, 3], [340, 132, 3], [274, 124, 3],
];
/** Roots let down from the branches; some have reached the ground and carry. */
const ROOTS: [x: number, top: number, bottom: number, width: number][] = [
  [40, 160, 232, 1.6], [58, 156, 270, 2.6], [84, 148, 240, 1.6], [104, 140, 270, 3.2], [128, 134, 222, 1.6],
  [148, 128, 270, 2.6], [252, 128, 270, 2.6], [272, 134, 230, 1.6], [296, 140, 270, 3.2], [318, 148, 236, 1.6],
  [340, 156, 270, 2.6], [360, 160, 226, 1.6],
];
/** The strands of one trunk, from the ground into the crown. */
const STRANDS: [path: string, width: number][] = [
  ["M168 270C184 240 182 190 150 150 138 134 118 128 84 132", 6],
  ["M180 270C192 232 190 180 166 128", 8],
  ["M194 270C196 220 198 170 196 96", 10],
  ["M208 270C206 220 204 170 208 96", 10],
  ["M220 270C208 232 210 180 234 128", 8],
  ["M232 270C216 240 218 190 250 150 262 134 282 128 316 132", 6],
];

/** A banyan: it grows by the roots that it lets down, and each leads back to the trunk. */
export function Tree() {
  return (
    <svg class="tree" viewBox="0 30 400 250" aria-hidden="true">
      <Leaves class="tree-back" of={BACK} />
      <g class="tree-wood">
        {ROOTS.map(([x, top, bottom, width]) => (
          <path key={x} class="tree-root" d={`M${x} ${top}V${bottom}`} stroke-width={width} />
        ))}
        {STRANDS.map(([path, width]) => (
          <path key={path} class="tree-strand" d={path} stroke-width={width} />
        ))}
        <path d="M14 271h372" stroke-width={2.2} />
      </g>
      <Leaves class="tree-front" of={FRONT} />
      <Leaves class="tree-figs" of={FIGS} />
    </svg>
  );
}

function Leaves({ of, class: name }: { of: Leaf[]; class: string }) {
  return (
    <g class={name}>
      {of.map(([x, y, radius]) => (
        <circle key={x} cx={x} cy={y} r={radius} />
      ))}
    </g>
  );
}

/** What the shop sells. Names beyond ASCII are there on purpose. */
export interface Product {
  readonly id: string;
  readonly name: string;
  readonly cents: number;
}

export const products: readonly [Product, ...Product[]] = [
  { id: 'kettle', name: 'Gooseneck kettle', cents: 6490 },
  { id: 'grinder', name: 'Hand grinder', cents: 8900 },
  { id: 'filter', name: 'Paper filters, 100', cents: 590 },
  { id: 'beans-yirga', name: 'Yirgacheffe, 250 g', cents: 1290 },
  { id: 'beans-huila', name: 'Huila, Café de Altura', cents: 1190 },
  { id: 'cup', name: 'Tasse „Köln“', cents: 1450 },
  { id: 'tea-sencha', name: '煎茶 Sencha', cents: 1650 },
  { id: 'scale', name: 'Scale, 0.1 g', cents: 3900 },
];

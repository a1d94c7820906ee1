import { createGate } from '../../../api/http/gate';

test('a gate lets in no more than its limit, and again as many as have left', () => {
  const gate = createGate(4);
  const leave = [gate.enter('a'), gate.enter('a'), gate.enter('b'), gate.enter('b')];
  expect(gate.enter('c')).toBeUndefined();
  leave[0]!();
  leave[0]!();
  expect(gate.enter('c')).toBeDefined();
  expect(gate.enter('c')).toBeUndefined();
});

test('one origin alone has half of a gate, so that it cannot keep the others out', () => {
  const gate = createGate(10);
  const inside = Array.from({ length: 10 }, () => gate.enter('busy'));
  expect(inside.filter(Boolean)).toHaveLength(5);
  expect(gate.enter('quiet')).toBeDefined();
});

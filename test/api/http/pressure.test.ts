import { adaptedLimit } from '../../../api/http/pressure';

function limited(max: number) {
  let utilization = 0;
  const adapted = adaptedLimit(max, () => utilization);
  return (load: number, samples: number) => {
    utilization = load;
    for (let i = 0; i < samples; i++) adapted.sample();
    return adapted.limit();
  };
}

test('a short burst leaves the limit as it is', () => {
  expect(limited(400)(1, 4)).toBe(400);
});

test('a process without an idle moment takes ever fewer requests at a time, down to a floor', () => {
  const after = limited(400);
  expect(after(1, 5)).toBe(280);
  expect(after(1, 3)).toBeLessThan(100);
  expect(after(1, 100)).toBe(50);
});

test('the limit grows back once there is idle time', () => {
  const after = limited(400);
  after(1, 100);
  expect(after(0.5, 5)).toBe(150);
  expect(after(0.5, 100)).toBe(400);
});

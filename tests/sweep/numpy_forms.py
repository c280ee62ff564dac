"""NumPy as its documentation has it: forms of expressions, texts with slots in braces for `expression_writer.py`.

>>> "np.tanh({x})" in FORMS["unary"]
True
"""

UNARY = """
np.exp({x}) | np.exp(-{x}) | np.exp(-{x}**2 / 2) | np.sin({x}) | np.cos({c} * {x}) | np.tanh({x})
np.sqrt(np.abs({x}) + {c}) | np.sqrt({x}**2 + 1) | np.log(np.abs({x}) + {c}) | np.log1p({x}**2)
np.log1p(np.exp({x})) | np.expm1({x}) | np.abs({x}) | np.absolute({x}) | abs({x}) | -{x} | +{x}
np.square({x}) | np.sinh({x}) | np.cosh({x}) | np.arctan({x}) | np.arcsinh({x}) | np.cbrt({x})
np.reciprocal({x} + 3.0) | np.negative({x}) | np.positive({x}) | 1 / (1 + np.exp(-{x}))
{x} / (1 + np.abs({x})) | np.maximum({x}, 0) | np.maximum(0, {x}) | np.minimum({x}, {c}) | np.clip({x}, -1, 1)
{x}.clip(0) | {x}.clip(min=-0.5) | np.clip({x}, None, {c}) | np.clip({x}, a_min=-{c}, a_max={c})
{x}.clip(-{c}, {c}) | np.where({m}, {x}, 0) | np.where({m}, {x}, {c} * {x}) | {x} * ({m})
np.where({m}, 0.0, {x}) | np.sign({x}) * {x} | np.exp2({x}) | np.log2({x}**2 + 1) | np.log10(1 + np.abs({x}))
np.nan_to_num({x}) | np.nan_to_num({x}, nan=0.0, copy=True) | np.heaviside({x}, 0.5) * {x} | np.deg2rad({x})
np.rad2deg({x} / 90) | np.radians({x}) | np.sinc({x}) | np.arcsin(np.tanh({x})) | np.arccos({x} / 10)
np.tan({x} / 4) | np.arctanh({x} / 5) | np.arccosh(2 + {x}**2) | np.log({x}) | np.sqrt({x}) | {x} ** 2
{x} ** 3 | {x} ** -1 | {x} ** 0.5 | {x} ** 2.0 | 2 ** {x} | 2.0 ** -{x} | np.power({x}, 2)
np.power(np.abs({x}) + 0.1, {c}) | pow({x}, 2) | np.float_power(np.abs({x}) + 1, 0.5) | np.fabs({x})
np.real({x}) | {x}.real | {x}.astype({d}) | np.float32({x}) | np.float64({x}) | np.asarray({x}, dtype={d})
np.array({x}, dtype={d}) | np.array({x}) | np.array({x}, copy=True) | {x}.copy() | np.copy({x})
np.ascontiguousarray({x}) | np.asfortranarray({x}) | {x}.copy(order='F') | np.array({x}, ndmin=2) | {x} % 2.5
np.mod({x}, 1.7) | np.fmod({x}, 2.3) | np.remainder({x}, 1.9) | {x} // 1 + {x} | np.round({x}) * {x}
np.floor({x}) + {x} | {x} - np.floor({x}) | np.rint({x}) - {x} | np.trunc({x}) * {x} | {x}.round(1) + {x}
np.copysign({x}, -1.0) | np.conj({x}) | {x}.conj() | np.i0({x}) | np.hypot({x}, 1) | np.logaddexp({x}, 0)
np.logaddexp(0, {x}) | np.interp({x}, [-2.0, 0.1, 1.3, 2.5], [0.5, -1.0, 2.0, 0.0])
np.polyval([1.0, -0.5, 2.0], {x}) | np.piecewise({x}, [{m}], [1.0, 2.0]) * {x}
np.select([{x} > 1, {x} > 0], [{x}, {x}**2], default=-{x}) | np.vectorize(math.sin)({x})
np.exp({x}, dtype={d}) | np.tanh({x}, out=np.empty_like({x})) | np.exp({x}, out=np.zeros_like({x}), where={m})
np.sqrt({x}, where={x} > 0, out=np.zeros_like({x})) | np.log({x}, out=np.zeros({x}.shape), where={x} > 0)
np.negative({x}, where={m}, out=np.ones_like({x})) | np.add({x}, 1, out=np.empty(np.shape({x})))
np.divide(1, {x}, out=np.zeros_like({x}), where={x} != 0)
np.divide({c}, {x}, where=np.abs({x}) > 0.3, out=np.full_like({x}, 2.0)) | np.square({x}, casting='same_kind')
np.ndarray.copy({x}) | {x}.__neg__() | np.astype({x}, np.float64) | math.sin({x}) | math.exp({x})
math.sqrt(abs({x})) | math.tanh({x}) | math.log(1 + {x}**2) | math.pow({x}, 2) | float({x}) | {x}.item()
math.fabs({x}) | np.nan_to_num({x} / {x}) | np.where({x} > 0, np.log({x}), {x})
np.where({x} > 0, np.sqrt(np.abs({x})), -{x})
"""
BINARY = """
{x} + {y} | {x} - {y} | {x} * {y} | {y} - {x} | {y} * {x} | {x} / ({y}**2 + 1) | {x} / (np.abs({y}) + {c})
{y} / (1 + {x}**2) | (np.abs({x}) + {c}) ** {y} | np.add({x}, {y}) | np.subtract({x}, {y})
np.multiply({x}, {y}) | np.divide({x}, {y}) | np.true_divide({x}, {y}) | {x} / {y} | np.maximum({x}, {y})
np.minimum({x}, {y}) | np.fmax({x}, {y}) | np.fmin({x}, {y}) | np.hypot({x}, {y}) | np.arctan2({x}, {y})
np.logaddexp({x}, {y}) | np.logaddexp2({x}, {y}) | np.power(np.abs({x}) + 0.5, {y}) | np.copysign({x}, {y})
np.float_power(np.abs({x}) + 1.0, {y}) | np.where({m}, {x}, {y}) | np.where({x} > {y}, {x}, {y})
np.where({x} > {y}, {x} * {y}, {x}) | np.where({y} > 0, {x}, 1.0) | ({x} > {y}) * {x} | {x} * ({y} > 0)
({x} + {y}) * ({x} - {y}) | {x} * {y} + {x} | {x}**2 + {y}**2 | np.sqrt({x}**2 + {y}**2 + 1e-3)
np.mod({x}, {y}) | {x} % {y} | np.fmod({x}, {y})
np.add({x}, {y}, out=np.zeros(np.broadcast({x}, {y}).shape)) | np.multiply({x}, {y}, dtype={d})
np.add({x}, {y}, where={m}, out=np.zeros_like({x}))
np.divide({x}, {y}, out=np.zeros_like({x}), where={y} != 0) | np.maximum({x}, {y}, out=np.empty_like({x}))
np.subtract({x}, {y}, dtype='float64') | np.clip({x}, {y}, {y} + 1) | np.clip({x}, -1, {y}) | {x}.clip({y})
np.subtract.outer({x}, {y}) | np.add.outer({x}, {y}) | np.multiply.outer({x}, {y}) | {x}.__add__({y})
{x}[..., None] - {y} | {x}[None] * {y} | {x}[:, None] + {y} | {x}[:, np.newaxis] * {y} | {y}[..., None] * {x}
np.broadcast_to({x}, np.broadcast({x}, {y}).shape) | np.broadcast_to({x}, np.shape({y}))
np.add(*np.broadcast_arrays({x}, {y})) | np.broadcast_arrays({x}, {y})[0] * 2 | np.full_like({x}, {s}) * {x}
np.select([{m}, {x} < {y}], [{x}, {y}], 0.5) | np.choose(({m}).astype(int), [{x}, {y}]) | {x} @ {v}
{x} @ {v}.T | {x}.T @ {v} | {v} @ {x} | np.dot({x}, {v}) | {x}.dot({v}) | np.matmul({x}, {v})
np.dot({v}, {x}) | np.inner({x}, {v}) | np.inner({x}, {x}) | np.vdot({x}, {x}) | np.outer({x}, {v})
np.outer({x}, {x}) | np.tensordot({x}, {v}, axes=1) | np.tensordot({x}, {v}, 1)
np.tensordot({x}, {x}, axes=({a}, {a})) | np.tensordot({x}, {v}, axes=([-1], [0]))
np.einsum('ij,j->i', {x}, {v}) | np.einsum('ij,ij->i', {x}, {x}) | np.einsum('ij,jk', {x}, {v})
np.einsum('ij->ji', {x}) | np.einsum('...i,...i', {x}, {x}) | np.einsum('...i,...i->...', {x}, {v})
np.einsum('i,j->ij', {x}, {v}) | np.einsum('ii', {x} @ {x}.T) | np.einsum('ij,kj->ik', {x}, {x})
np.einsum('i,i', {x}, {x}) | np.einsum('ii->i', {x} @ {x}.T) | np.einsum({x}, [0, 1], {v}, [1], [0])
np.einsum('bij,bj->bi', {x}, {v}) | np.kron({x}, {v}) | np.convolve({x}, {v})
np.convolve({x}, {v}, mode='same') | np.convolve({x}, [0.5, 1.0, -0.25], 'valid')
np.correlate({x}, {v}, 'full') | np.cross({x}[..., :3], {y}) | np.linalg.multi_dot([{x}, {x}.T, {x}])
np.vecdot({x}, {v}) | np.linalg.vecdot({x}, {x}, axis={a}) | {x} @ {x}.T | {x}.T @ {x}
{x} @ np.swapaxes({x}, -1, -2) | {x} @ {x}.mT | np.matmul({x}.T, {x}) | {x}.T.dot({x}) | np.dot({x}.T, {x})
{x} @ np.ones({x}.shape[-1]) | {x} @ np.eye({x}.shape[-1]) | np.eye({x}.shape[0]) @ {x}
np.trapezoid({x}, dx=0.5) | np.linalg.outer({x}.ravel(), {v}.ravel())
"""
REDUCTIONS = """
np.sum({x}) | {x}.sum() | np.mean({x}) | {x}.mean() | np.sum({x}, axis={A}) | np.sum({x}, {A})
{x}.sum(axis={A}) | {x}.sum({A}) | np.mean({x}, axis={A}) | {x}.mean({A}) | {x}.mean(axis={A})
np.sum({x}, axis={A}, keepdims=True) | {x}.sum(axis={A}, keepdims=True) | {x}.mean(axis={A}, keepdims=True)
np.mean({x}, {A}, keepdims=True) | np.sum({x}, axis={A}, keepdims={b}) | np.sum({x}, dtype={d})
{x}.sum(axis={A}, dtype={d}) | np.mean({x}, axis={A}, dtype={d}) | np.sum({x}, axis={A}, where={m})
np.sum({x}, where={m}) | {x}.sum(where={m}) | np.mean({x}, where={m}) | np.sum({x}, initial={c})
np.sum({x}, axis={A}, initial={c}, where={m}) | np.max({x}) | {x}.max() | np.min({x}, axis={A})
{x}.max(axis={A}) | np.max({x}, axis={A}, keepdims=True) | {x}.min({A}) | np.max({x}, initial=0.0)
np.max({x}, axis={A}, initial=-1.0, where={m}) | np.amax({x}, axis={A}) | np.min({x}, axis={A}, initial={c})
np.ptp({x}) | np.ptp({x}, axis={A}) | np.max(np.abs({x})) | np.maximum.reduce({x})
np.add.reduce({x}, axis={A}) | np.add.reduce({x}) | np.multiply.reduce({x})
np.minimum.reduce({x}, axis={A}, keepdims=True) | np.prod({x}) | {x}.prod(axis={A})
np.prod({x}, axis={A}, keepdims=True) | np.prod({x}, where={m}) | np.prod({x}, initial=2.0) | np.var({x})
{x}.var(axis={A}) | np.var({x}, axis={A}, ddof=1) | np.std({x}) | {x}.std(axis={A}, keepdims=True)
np.std({x}, axis={A}, ddof=1) | {x}.std({A}) | np.var({x}, {A}, keepdims=True) | np.var({x}, where={m})
np.std({x}, axis={A}, mean=np.mean({x}, axis={A}, keepdims=True)) | np.median({x}) | np.median({x}, axis={A})
np.median({x}, axis={A}, keepdims=True) | np.percentile({x}, 30) | np.percentile({x}, [20, 70], axis={a})
np.quantile({x}, 0.35) | np.quantile({x}, 0.6, axis={A}) | np.quantile({x}, [0.25, 0.5])
np.quantile({x}, 0.4, method='lower') | np.percentile({x}, 50, axis={a}, keepdims=True) | np.average({x})
np.average({x}, axis={a}) | np.average({x}, weights={s}**2 + 1)
np.average({x}, axis={a}, weights=np.abs({s}) + {c})
np.average({x}, weights=np.arange(1, {x}.size + 1).reshape({x}.shape))
np.average({x}, axis={a}, keepdims=True) | np.linalg.norm({x}) | np.linalg.norm({x}, axis={a})
np.linalg.norm({x}, axis={a}, keepdims=True) | np.linalg.norm({x}, 1) | np.linalg.norm({x}, ord=2, axis={a})
np.linalg.norm({x}, np.inf) | np.linalg.norm({x}, ord=1, axis={a}) | np.linalg.norm({x}, 'fro')
np.linalg.norm({x}, ord='nuc') | np.linalg.norm({x}, 3, axis={a}) | np.linalg.norm({x}, -np.inf, axis={a})
np.linalg.norm({x}, axis=(0, 1)) | np.linalg.norm({x}.ravel(), 2) | np.linalg.vector_norm({x}, axis={A})
np.linalg.matrix_norm({x}) | np.linalg.vector_norm({x}, keepdims=True) | np.nansum({x})
np.nanmean({x}, axis={A}) | np.nanmax({x}, axis={A}) | np.nanmin({x}) | np.nanstd({x}, axis={A})
np.nanvar({x}) | np.nanprod({x}, axis={A}) | np.nanmean(np.where({m}, {x}, np.nan))
np.nansum(np.where({m}, {x}, np.nan), axis={A}) | np.nanmedian({x}) | np.nanmean({x}, axis={A}, keepdims=True)
np.nanmax(np.where({m}, {x}, np.nan), axis={A}) | np.log(np.sum(np.exp({x})))
np.log(np.sum(np.exp({x}), axis={A})) | np.sqrt(np.sum({x}**2)) | np.sqrt(np.mean({x}**2, axis={A}))
np.sum({x}**2) ** 0.5 | np.sqrt((({x} - {x}.mean()) ** 2).mean())
np.max({x}, axis={A}, keepdims=True) + np.log(np.sum(np.exp({x} - np.max({x}, axis={A}, keepdims=True)), axis={A}, keepdims=True))
np.exp({x}) / np.sum(np.exp({x})) | np.exp({x}) / np.exp({x}).sum(axis={a}, keepdims=True)
{x} / np.linalg.norm({x}) | {x} / {x}.sum(axis={a}, keepdims=True) | {x} - {x}.mean(axis={A}, keepdims=True)
({x} - {x}.mean(0)) / ({x}.std(0) + 1e-2) | {x} - np.max({x}, axis={A}, keepdims=True)
{x} / np.max(np.abs({x})) | {x} - {x}.min() | ({x} - {x}.min()) / ({x}.max() - {x}.min()) | np.trace({x})
{x}.trace() | np.trace({x}, offset=1) | np.trace({x} @ {x}.T) | sum({x}) | max({x}) | min({x})
sum({x}) / len({x}) | sum(v**2 for v in {x}) | sum(np.sum(v) for v in {x}) | max(np.sum(v) for v in {x})
max({x}, key=abs) | sum([v * i for i, v in enumerate({x})]) | math.fsum({x}) | math.prod({x}) | sorted({x})[0]
sorted({x}, reverse=True)[-1] | sum(a * b for a, b in zip({x}, {x}[1:])) | np.count_nonzero({m}) * {x}
{x}.any() * {x} | np.all({m}) * {x} + {x} | sum({x}, 0.5) | sum(a * b for a, b in zip({x}, {s}))
min({x}, default=0.0) | np.cumsum({x}) | np.cumsum({x}, axis={a}) | {x}.cumsum() | {x}.cumsum({a})
np.cumprod({x}) | {x}.cumprod(axis={a}) | np.cumsum({x}[::-1])[::-1] | np.add.accumulate({x})
np.maximum.accumulate({x}) | np.maximum.accumulate({x}, axis={a}) | np.multiply.accumulate({x}) | np.diff({x})
np.diff({x}, axis={a}) | np.diff({x}, n=2) | np.diff({x}, prepend=0.0) | np.diff({x}, axis={a}, append=1.0)
np.ediff1d({x}) | np.gradient({x}) | np.gradient({x}, 0.5) | np.gradient({x}, axis={a})
np.cumsum({x}, dtype={d}) | np.add.reduceat({x}, [0, 1]) | np.logaddexp.reduce({x})
np.logaddexp.reduce({x}, axis={a}) | np.cumulative_sum({x}, axis={a})
np.bincount(np.arange({x}.size) % 2, weights={x}.ravel()) | np.histogram({x}, bins=3, weights={x})[0]
np.cov({x}) | np.corrcoef({x}, {x}**2) | np.unwrap({x}) | np.trapezoid({x}) | np.trapezoid({x}, axis={a})
np.fft.fft({x}).real
"""
SHAPES = """
{x}.T | np.transpose({x}) | {x}.transpose() | np.transpose({x}, {P}) | {x}.transpose({P})
np.transpose({x}, axes={P}) | np.swapaxes({x}, {a}, {a}) | {x}.swapaxes(0, -1) | np.moveaxis({x}, {a}, {a})
np.moveaxis({x}, [0, 1], [-1, 0]) | np.rollaxis({x}, {a}) | {x}.reshape(-1) | {x}.ravel() | {x}.flatten()
np.ravel({x}) | np.reshape({x}, -1) | np.reshape({x}, (-1, 1)) | {x}.reshape(1, -1)
{x}.reshape({x}.shape[0], -1) | {x}.reshape(-1, {x}.shape[-1]) | {x}.reshape(len({x}), -1)
np.reshape({x}, (1, *{x}.shape)) | {x}.reshape({x}.shape + (1,)) | {x}.reshape(-1, order='F')
{x}.flatten('F') | {x}.ravel(order='F') | {x}.ravel('K') | np.reshape({x}, {x}.shape[::-1])
{x}.reshape({x}.shape[::-1], order='F') | {x}.reshape((2, -1)) | np.expand_dims({x}, {e})
np.expand_dims({x}, axis={e}) | np.expand_dims({x}, (0, -1)) | {x}[None] | {x}[..., None] | {x}[:, None]
{x}[np.newaxis, ...] | np.squeeze({x}) | {x}.squeeze() | {x}[None].squeeze(0)
np.squeeze({x}[..., None], axis=-1) | np.squeeze({x}, axis={a}) | np.atleast_1d({x}) | np.atleast_2d({x})
np.atleast_3d({x}) | np.flip({x}) | np.flip({x}, {a}) | np.flip({x}, axis={a}) | np.fliplr({x})
np.flipud({x}) | {x}[::-1] | np.roll({x}, 1) | np.roll({x}, -1, axis={a}) | np.roll({x}, 1, {a})
np.roll({x}, (1, 2), axis=(0, 1)) | np.rot90({x}) | np.rot90({x}, k=-1) | np.rot90({x}, 2, axes=(1, 0))
np.repeat({x}, 2) | np.repeat({x}, 2, axis={a}) | {x}.repeat(3) | {x}.repeat(2, axis={a})
np.repeat({x}, np.arange(len({x})), axis=0) | np.tile({x}, 2) | np.tile({x}, (2, 1))
np.tile({x}, reps=(2, 1, 1)) | np.pad({x}, 1) | np.pad({x}, (1, 0)) | np.pad({x}, 1, mode='edge')
np.pad({x}, ((1, 1), (0, 2)), constant_values=0.5) | np.pad({x}, (1, 1), 'reflect') | np.pad({x}, 1, 'wrap')
np.pad({x}, [(0, 1)] * {x}.ndim) | np.pad({x}, (2, 1), mode='symmetric')
np.pad({x}, 1, 'constant', constant_values={c}) | np.triu({x}) | np.tril({x}, -1) | np.triu({x}, k=1)
np.diag({x}) | np.diag({x}, k=1) | np.diag({x}, -1) | np.diagonal({x}) | {x}.diagonal()
np.diagonal({x}, offset=1) | np.diagonal({x}, axis1=-2, axis2=-1) | np.diagflat({x})
np.broadcast_to({x}, (2, *{x}.shape)) | np.broadcast_to({x}, (3,) + {x}.shape)
np.broadcast_to({x}[..., None], {x}.shape + (2,)) | np.concatenate([{x}, {s}])
np.concatenate(({x}, {x}), axis={a}) | np.concatenate([{x}, {x}], axis=None) | np.concatenate([{x}, {s}], -1)
np.stack([{x}, {s}]) | np.stack([{x}, {x}], axis={e}) | np.stack(({x}, 2 * {s}), axis=-1)
np.vstack([{x}, {s}]) | np.hstack([{x}, {x}]) | np.hstack(({x}, {s})) | np.column_stack([{x}, {s}])
np.dstack([{x}, {x}]) | np.append({x}, {c}) | np.append({x}, {s}, axis={a}) | np.insert({x}, 0, {c})
np.delete({x}, 0) | np.delete({x}, -1, axis={a}) | np.array([{x}, {s}]) | np.array([{x}, -{x}, {s}])
np.array([{x}, [{c}]][0]) | np.array([[{x}, {c}], [{c}, {s}]]) | np.block([{x}, {x}])
np.block([[{x}, {s}], [{s}, {x}]]) | np.r_[{x}, {c}, {s}] | np.c_[{x}, {s}] | np.split({x}, 1)[0]
np.split({x}, [1])[-1] | np.array_split({x}, 2)[0] | np.array_split({x}, 2, axis={a})[-1]
np.split({x}, [1], axis={a})[0] | np.hsplit({x}, [1])[1] | np.vsplit({x}, 1)[0]
np.array([v * 2 for v in {x}]) | np.stack([v for v in {x}]) | np.array([np.sum(v) for v in {x}])
np.array(list(map(np.sum, {x}))) | np.array([v for v in {x}]) | np.asarray([v * w for v, w in zip({x}, {s})])
np.array(list({x})) | np.concatenate([np.atleast_1d(v) for v in {x}])
np.array([{x}[i] * i for i in range(len({x}))]) | np.meshgrid({x}, {s})[0]
np.meshgrid({x}, {s}, indexing='ij')[1] | np.resize({x}, (2, 3)) | np.trim_zeros({x}) | {x}.view()
np.sort({x}) | np.sort({x}, axis={a}) | np.sort({x}, axis=None) | np.sort({x})[::-1] | np.array(sorted({x}))
{x}[np.argsort({x})] | np.take_along_axis({x}, np.argsort({x}, axis={a}), axis={a}) | {x}[{x}.argsort()[::-1]]
np.partition({x}, 1) | np.unique({x}) | np.sort({x}, kind='stable') | np.linalg.matrix_transpose({x}) | {x}.mT
np.unstack({x})[0] | np.tri({x}.shape[-1]) * {x} | np.fft.fftshift({x})
np.linalg.inv({x} @ {x}.T + np.eye({x}.shape[0])) | np.linalg.det({x}.T @ {x} + np.eye({x}.shape[1]))
np.linalg.solve({x} @ {x}.T + 2 * np.eye(len({x})), {x})
np.linalg.slogdet(np.eye({x}.shape[0]) + {x} @ {x}.T)[1] | np.linalg.cholesky({x} @ {x}.T + np.eye(len({x})))
np.linalg.eigvalsh({x} @ {x}.T) | np.linalg.svd({x}, compute_uv=False) | np.linalg.pinv({x})
np.linalg.matrix_power({x} @ {x}.T, 2) | np.linalg.lstsq({x}, np.ones({x}.shape[0]), rcond=None)[0]
np.linalg.svdvals({x}) | np.linalg.inv({x}) | np.linalg.eigh({x} + {x}.T)[0] | np.zeros_like({x}) + {x}
np.ones(({x}.shape[0], 2)) * {x}.sum() | np.full(3, {x}.sum()) | np.linspace(0.0, np.sum({x}), 3)
np.arange({x}.size) * {x}.ravel()
"""
MORE = """
{E} | {E} | {E} | {E} | {E} | {E} | np.roll({x}, {n}, axis={a}) | np.roll({x}, ({n}, {n}), ({a}, {a}))
np.repeat({x}, [{p}, {p}], axis={a}) | np.repeat({x}, {p}, {a}) | np.triu({x}, {n}) | np.tril({x}, k={n})
np.diag({x}, {n}) | np.diagonal({x}, {n}) | np.diagonal({x}, {n}, {a}, {a})
{x}.diagonal({n}, axis1={a}, axis2={a}) | np.trace({x}, {n}) | np.trace({x}, axis1={a}, axis2={a})
{x}.trace({n}, {a}, {a}) | np.rot90({x}, {n}) | np.rot90({x}, {n}, ({a}, {a})) | np.diff({x}, {p}, {a})
np.diff({x}, n={p}, axis={a}, prepend={c}) | np.gradient({x}, {c}, axis={a})
np.gradient({x}, axis={a}, edge_order=2) | np.moveaxis({x}, {a}, {a}) | np.flip({x}, {A})
np.split({x}, [{p}], {a})[{b}] | np.array_split({x}, {q}, {a})[{b}] | np.pad({x}, ({p}, {p}))
np.pad({x}, {p}, mode='edge') | np.pad({x}, {p}, constant_values={c}) | np.partition({x}, {p}, axis={a})
np.sort({x}, {a})[..., {n}] | np.tile({x}, ({p}, {q})) | np.sum({x}, axis=({a}, {a}))
np.mean({x}, ({a}, {a}), keepdims=True) | np.max({x}, axis=({a}, {a})) | np.var({x}, {A}, ddof={p})
np.quantile({x}, 0.3, axis=({a}, {a})) | np.median({x}, axis=({a}, {a}), keepdims=True)
np.linalg.norm({x}, axis=({a}, {a})) | np.prod({x}, axis=({a}, {a})) | np.average({x}, axis=({a}, {a}))
np.std({x}, ({a}, {a})) | np.ptp({x}, {A}, keepdims=True) | np.tensordot({x}, {v}, axes=([{a}], [{n}]))
np.tensordot({x}, {x}, axes=([{a}], [{a}])) | np.tensordot({x}, {x}, {x}.ndim) | np.tensordot({x}, {v}, 0)
np.matmul({x}, {x}.swapaxes(-1, -2)) | np.matmul({x}[None], {v}) | {x}[..., None, :] @ {x}[..., :, None]
np.matmul({x}, {v}, axes=[(-2, -1), (-2, -1), (-2, -1)]) | np.linalg.matmul({x}, {v}) | np.inner({x}, {y})
np.vdot({x}, {s}) | np.outer({x}, {y}) | np.kron({x}, {y}) | np.cross({x}, {s}, axis={a})
np.cross({x}, {s}, {a}, {a}, {a}) | np.trapezoid({x}, {s}, axis={a})
np.take_along_axis({x}, np.argsort(-{x}, {a}), {a}) | np.take({x}, {n}, {a})
np.take({x}, [{n}, {n}], axis={a}, mode='clip') | np.expand_dims({x}, ({e}, {e})) | np.squeeze({x}, ({a},))
{x}.reshape({q}, -1) | {x}.reshape(-1, {q}) | {x}.reshape({q}, -1, {q}) | np.stack([{x}, {s}, {x}], {e})
np.concatenate([{x}, {s}, {x}[..., :1]], axis={a}) | np.append({x}, {s}, {a}) | np.delete({x}, {n}, {a})
np.delete({x}, [{n}, {n}], axis={a}) | np.cumsum({x}, {a})[{n}] | np.cumprod({x}, axis={a})
np.swapaxes({x}, {a}, {a}).copy() | np.sum({x}[..., {n}]) | {x}.sum({a})[{n}] | np.sum({x}, {a}) * {c}
np.ravel({x}, order='F') | np.reshape({x}, (-1, {q}), order='F') | np.where({m}, {x}, {y} / {x})
np.where({x} != 0, 1 / {x}, 0.0) | np.where({m}, {x}[..., ::-1], {y}) | np.where({m}.any(), {x}, {y})
np.minimum(np.maximum({x}, {y}), {c}) | np.clip({x}, {y}, {c}) | np.clip({x}, {s} - 1, {s} + 1)
np.maximum({x}, {x}[..., ::-1]) | np.sqrt(np.maximum({x}, 0)) | np.log(np.clip({x}, 0.1, None))
np.hypot({x}, {y}) / (1 + {x}**2) | ({x} - {y}) / np.sqrt(1 + ({x} - {y})**2)
np.sum({x}, axis={a}, where={m}, initial={c}) | np.mean({x}, {a}, where={x} > -9, keepdims=True)
np.multiply({x}, {y}, where={m}, out={x} * 1.0) | np.add({x}, {y}, {x} + 0.0) | np.exp({x}, {x} * 1.0)
np.power({x}, 2, dtype={d}) | np.power({x}, np.array([2, 3, 1])[:{x}.shape[-1]])
{x} ** np.arange({x}.shape[-1]) | {x} ** (2 * np.ones({x}.shape, int)) | ({x}**2) ** {c} | {x} ** True
np.float64({c}) ** {x} | {c} ** {x}
"""
INDICES = """
{x}[{i}] | {x}[{i}] | {x}[{i}] | {x}[{i}] | {x}[{i}] | {x}[{i}] | {x}[{i}] | {x}[{i}] | {x}[{i}][{j}]
{x}[{i}][{j}] | {x}[0] | {x}[-1] | {x}[1] | {x}[-2] | {x}[1:] | {x}[:-1] | {x}[::2] | {x}[::-1] | {x}[1::2]
{x}[-2:] | {x}[:2] | {x}[:1] | {x}[2:0:-1] | {x}[:] | {x}[...] | {x}[..., 0] | {x}[..., -1] | {x}[..., ::-1]
{x}[..., 1:] | {x}[:, 0] | {x}[:, -1] | {x}[:, 1:] | {x}[:, ::-1] | {x}[:, :-1] | {x}[0, 0] | {x}[-1, -1]
{x}[0, 1:] | {x}[1:, 0] | {x}[0, ...] | {x}[0, :, None] | {x}[None, :, 0] | {x}[::-1, ::-1] | {x}[0][0]
{x}[1:][0] | {x}[1:, :-1] | {x}[..., None, :] | {x}[:, None, :] | {x}[..., 0, :] | {x}[()] | {x}[[0, -1]]
{x}[[0, 0, 1]] | {x}[[-1, 0], :] | {x}[:, [0, 0]] | {x}[[0, 1], [1, 0]] | {x}[[0], [0]]
{x}[np.array([0, 0, -1])] | {x}[:, np.array([0, -1])] | {x}[..., [0, 0]] | {x}[[[0, 0], [1, 0]]]
{x}[np.arange(len({x}))] | {x}[np.arange({x}.shape[0]), 0] | {x}[np.arange({x}.shape[0]), -1]
{x}[np.arange(len({x}))[:, None], [0, 0]] | {x}[np.arange({x}.shape[0]), np.argmax({x}, axis=1)] | {x}[{m}]
{x}[{x} > {c}] | {x}[{m}].sum() | {x}[{x}.argmax()] | {x}[np.argmin({x})] | {x}[np.argmax(np.abs({x}))]
{x}[np.unravel_index(np.argmax({x}), {x}.shape)] | {x}[np.nonzero({x} > 0)] | {x}[np.where({x} < {c})]
{x}[np.flatnonzero({x} > 0)] | {x}.ravel()[{x}.argmax()] | {x}[:, np.sum({x}, axis=0) > 0]
{x}[np.sum({x}, axis=1) > 0] | {x}[np.any({x} > 0, axis=-1)] | {x}[~({m})] | {x}[({m}) & ({x} < 2)]
{x}[np.array([True] * len({x}))] | {x}[[i for i in range(len({x})) if i % 2 == 0]] | {x}[np.ix_([0], [0, 0])]
{x}[np.triu_indices(len({x}))] | {x}[np.diag_indices(len({x}))] | {x}[np.tril_indices_from({x}, -1)]
{x}[np.eye(len({x}), dtype=bool)] | {x}[len({x}) - 1] | {x}[len({x}) // 2] | {x}[:len({x}) // 2]
{x}[{x}.shape[0] // 2:] | {x}[slice(None, None, 2)] | {x}[slice(1, None)] | {x}[(slice(None), 0)]
{x}[(Ellipsis, 0)] | {x}[0:1] | {x}[np.newaxis, 0] | {x}[None, ..., None] | {x}[0, [0, -1]] | {x}[[0, -1], 0]
{x}[[0], :, [0]] | {x}[0, :, [0]] | {x}[:, [0], None] | {x}[..., [0], :] | {x}[:, 0, [0, -1]]
{x}[[0, 1], None, :1] | np.take({x}, 0) | np.take({x}, [0, 0]) | np.take({x}, [0, -1], axis={a})
{x}.take(0, axis={a}) | {x}.take([0, 0, 0]) | np.take({x}, np.array([[0, 0]]), axis={a})
np.take({x}, 5, mode='clip') | np.take({x}, [-7, 9], mode='wrap') | np.compress([True], {x}, axis={a})
np.compress({x}.ravel() > 0, {x}) | np.extract({m}, {x})
np.take_along_axis({x}, np.argmax({x}, axis={a}, keepdims=True), axis={a})
np.take_along_axis({x}, np.expand_dims(np.argmin({x}, axis=-1), -1), axis=-1) | {x}.item(0) | {x}.flat[0]
{x}[{k}] | {x}[..., {k}] | {x}[{k}, 0] | {x}[:, {k}] | {x}[{k}] * {x}[0] | {x}[{k}][0]
{x}[np.arange(len({k})), {k}] | np.take({x}, {k}, axis={a}) | {x}[{k}[0]] | {x}[{k} % {x}.shape[0]]
{x}[{k}, None] | {x}[{k}, {k}] | {x}[{k}, ::-1] | {x}[1:][{k} % 2] | {x}[{k}[::-1]]
np.eye(3)[{k}] @ np.ones(3) * {x}.sum() | {x}[int({k}[0])] | {x}[{x} > {x}.mean()] | {x}[{x} == {x}.max()]
{x}[{x} >= np.median({x})] | {x}[np.argsort({x})[-2:]] | {x}[:, np.argsort({x}[0])] | {x}[np.lexsort(({x},))]
{x}[np.isfinite({x})]
"""
PYTHON = """
({x} if np.sum({x}) > 0 else {s}) | ({x} if np.all({m}) else -{x}) | (lambda t: t * t)({x})
(lambda a, b=2.0: a * b + a)({x}) | [{x}, {s}][0] | ({x}, {s})[-1] | {{'a': {x}, 'b': {s}}}['b']
{{'a': {x}}}.get('a') | dict(u={x})['u'] | [t for t in ({x}, {s})][1] | (t := {x}) + t
np.where(np.any({m}), {x}, {s}) | {x} * len({x}) | {x} * {x}.shape[0] | {x} / {x}.size | {x} * {x}.ndim
{x} * np.size({x}) | {x} + np.ndim({x}) | np.add({x}, 1.0) if {x}.ndim > 1 else {x} | sum([{x}, {s}, {s}])
max({x}.sum(), {s}.sum()) | max(float(np.sum({x})), 0.0) | min(np.sum({x}), 1.0) | abs(np.sum({x})) ** 0.5
np.sum({x}) ** 2 | np.sum({x} * {x}) | np.sum({x} * {s}) | ({x} * {s}).sum(axis={A})
np.mean(({x} - {s}) ** 2) | np.mean(np.abs({x} - {s})) | np.sum({x})[()] | {x}.sum() * np.ones(2)
round(len({x}) / 2) * {x} | {x} * np.pi | {x} * np.float32(1.5) | {x} + np.int64(2) | {x} * True
{x} * np.arange({x}.shape[-1]) | {x} * np.linspace(0, 1, {x}.shape[-1]) | {x} + [{c}, {c}]
[{c}, 1.0, 2] * {x} | {x} - np.array(0.5) | {x} * np.array([{c}]) | {x} * np.array({c}, dtype=np.float32)
{x} - (1.0, 2.0) | {x} * np.ones((3, 1)) | np.ones({x}.shape) * {x} | {x} + np.zeros((2, 1, 1))
{x} + np.eye({x}.shape[0]) | {x} / np.sqrt({x}.shape[-1]) | ({x} > 0).mean() * {x} | ({m}).sum() * {x}
np.argmax({x}) * {x} | -{x} + abs({x}) ** 1.5 | {x} * {x} * {x} | (({x} + 1) * {x} - 2) * {x}
{x} ** 2 @ np.ones({x}.shape[-1])
"""
MASKS = ("{x} > 0", "{x} < {c}", "{x} >= 0.1", "({x} > -0.5) & ({x} < 1)", "np.abs({x}) > 0.3",
         "~({x} > 0.5)", "np.logical_and({x} > 0, {x} < 1.5)", "{x} != 0", "({x} > 1) | ({x} < 0)",
         "np.greater({x}, 0)", "np.isfinite({x})", "np.logical_not({x} > 0.2)", "{x} > np.mean({x})")
TABLES = {"unary": (UNARY, 5), "binary": (BINARY, 7), "reductions": (REDUCTIONS, 6), "shapes": (SHAPES, 5),
          "indices": (INDICES, 5), "python": (PYTHON, 3), "more": (MORE, 6)}
FORMS = {name: [form.strip() for line in table.strip().splitlines() for form in line.split(" | ")]
         for name, (table, _) in TABLES.items()}

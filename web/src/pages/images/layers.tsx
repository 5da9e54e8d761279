import type { ImagePage } from '../../../../src/features/inventory/inventory-contract.ts';
import { formatBytes, formatCount, plural, shortDigest } from '../../kit/format.ts';
import { A } from '../../kit/navigation.tsx';
import { shares } from './layer-shares.ts';

/** The layers from the ground up: how large each is, what it brought, who else stands on it. */
export function Layers({ image }: { readonly image: ImagePage }) {
  const parts = shares(image.layers.map(({ sizeBytes }) => sizeBytes));
  return (
    <div className="stack">
      <div aria-hidden="true" className="layer-bar">
        {image.layers.map((layer, index) => (
          <i
            key={layer.index}
            style={{ flexGrow: parts[index] ?? 0, opacity: index % 2 === 0 ? 0.85 : 0.55 }}
            title={`Layer ${layer.index + 1}: ${formatBytes(layer.sizeBytes)}`}
          />
        ))}
      </div>
      <section className="card list">
        <table>
          <caption className="hidden">Layers</caption>
          <thead>
            <tr>
              <th scope="col">Layer</th>
              <th className="main" scope="col">
                Made by, as stated
              </th>
              <th className="end" scope="col">
                Components
              </th>
              <th className="end wide" scope="col">
                Size
              </th>
              <th className="end wide" scope="col">
                Also in
              </th>
            </tr>
          </thead>
          <tbody>
            {image.layers.map((layer) => (
              <LayerRow imageId={image.id} key={layer.index} layer={layer} />
            ))}
          </tbody>
        </table>
      </section>
    </div>
  );
}

type RowProps = { readonly imageId: string; readonly layer: ImagePage['layers'][number] };

function LayerRow({ imageId, layer }: RowProps) {
  const digest = layer.diffId ?? layer.digest;
  return (
    <tr>
      <td>{layer.index + 1}</td>
      <td>
        {layer.createdBy === undefined ? (
          <span className="third">not stated</span>
        ) : (
          <code className="clip">{layer.createdBy}</code>
        )}
        <div className="small mono" title={digest}>
          {digest === undefined ? '' : shortDigest(digest)}
        </div>
      </td>
      <td className="end">
        {layer.components === 0 ? (
          <span className="third">none</span>
        ) : (
          <A href={`/images/${imageId}?tab=components&layer=${layer.index}`}>
            {formatCount(layer.components)}
          </A>
        )}
      </td>
      <td className="end wide">{formatBytes(layer.sizeBytes)}</td>
      <td className="end wide">
        {layer.sharedBy === 0 ? (
          <span className="third">no other image</span>
        ) : (
          plural(layer.sharedBy, 'other image')
        )}
      </td>
    </tr>
  );
}

using SkiaSharp;

namespace Crm.Data;

/// <summary>
/// WebP and BMP pictures, read by the codecs of Skia, which browsers read them with too. WebP comes out of the codec in the size that is wanted; what
/// else it holds meanwhile grows with the picture.
/// </summary>
internal static class SkiaPictures
{
    private const int Quality = 82, MaxPixels = 20_000_000;

    /// <summary>Whether the library is there for this machine; where it is not, these kinds are shown as they are.</summary>
    private static readonly bool IsThere = Find();

    /// <summary>The picture made smaller, of its own kind or as PNG; null for one that is shown as it is, such as one that its camera wants turned.</summary>
    /// <exception cref="InvalidDataException">It is broken.</exception>
    public static byte[]? Reduce(byte[] file, int size)
    {
        if (!IsThere)
        {
            return null;
        }
        using var data = SKData.CreateCopy(file);
        using var codec = SKCodec.Create(data) ?? throw new InvalidDataException("The picture cannot be read.");
        var (width, height) = (codec.Info.Width, codec.Info.Height);
        if ((long)width * height > MaxPixels || codec.EncodedOrigin != SKEncodedOrigin.TopLeft)
        {
            return null;
        }
        var scaled = codec.GetScaledDimensions(Math.Min(1f, (float)size / Math.Max(width, height)));
        using var bitmap = new SKBitmap(new SKImageInfo(scaled.Width, scaled.Height, SKColorType.Rgba8888, SKAlphaType.Unpremul));
        if (codec.GetPixels(bitmap.Info, bitmap.GetPixels()) != SKCodecResult.Success)
        {
            throw new InvalidDataException("The picture ends too early.");
        }
        if (codec.EncodedFormat == SKEncodedImageFormat.Webp)
        {
            using var webp = bitmap.Encode(SKEncodedImageFormat.Webp, Quality);
            return webp.ToArray();
        }
        var reduction = new PictureReduction(scaled.Width, scaled.Height, size, 4);
        var samples = bitmap.GetPixelSpan();
        for (var i = 0; i < samples.Length; i += 4)
        {
            PngPictures.Add(reduction, i / 4 % scaled.Width, i / 4 / scaled.Width, (samples[i], samples[i + 1], samples[i + 2], samples[i + 3]));
        }
        return PngPictures.Write(reduction);
    }

    private static bool Find()
    {
        try
        {
            return SkiaSharpVersion.Native is not null;
        }
        catch (Exception e) when (e is DllNotFoundException or TypeInitializationException or EntryPointNotFoundException or BadImageFormatException)
        {
            return false;
        }
    }
}

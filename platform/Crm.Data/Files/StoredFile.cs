namespace Crm.Data;

/// <summary>A file that somebody gave to the product.</summary>
/// <param name="Type">Media type, known from the content.</param>
/// <param name="Sha256">Of the content, in hexadecimal digits.</param>
/// <param name="FreeAt">When it will be deleted; null while a record refers to it.</param>
public sealed record StoredFile(Guid Id, string Name, string Type, long Size, string Sha256, int? Width, int? Height, DateTimeOffset CreatedAt, Guid? CreatedBy, DateTimeOffset? FreeAt);

/// <summary>A content that is larger than may be.</summary>
public sealed class FileTooLargeException(long limit) : Exception($"More than {limit} bytes.")
{
    public long Limit { get; } = limit;
}

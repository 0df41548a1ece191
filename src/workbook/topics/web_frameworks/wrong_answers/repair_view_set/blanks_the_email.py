# rejected by: changes_email_and_password
# A PATCH without an e-mail empties it.
def make_view_set(User):
    from rest_framework import mixins, serializers, viewsets
    from rest_framework.permissions import IsAuthenticated

    class UserSerializer(serializers.ModelSerializer):
        class Meta:
            model = User
            fields = ["id", "username", "email", "password"]
            read_only_fields = ["username"]
            extra_kwargs = {"password": {"write_only": True}}

        def update(self, user, data):
            password = data.pop("password", None)
            if password:
                user.set_password(password)
            user.email = data.get("email", "")
            user.save()
            return user

    class UserViewSet(
        mixins.ListModelMixin,
        mixins.RetrieveModelMixin,
        mixins.UpdateModelMixin,
        viewsets.GenericViewSet,
    ):
        serializer_class = UserSerializer
        permission_classes = [IsAuthenticated]

        def get_queryset(self):
            return User.objects.filter(pk=self.request.user.pk)

    return UserViewSet
